/*
 * cms-verify: whether a file is signed by those whom the image trusts.
 *
 *     cms-verify NEEDED FILE SIGNATURE CERTIFICATE...
 *
 * SIGNATURE is a detached CMS signature in DER (RFC 5652), as `openssl cms -sign -binary -outform DER` makes it.
 * Each CERTIFICATE (PEM) is a signer's own, or that of an authority whose certificate for code signing the signer has.
 * Signatures are counted by the certificates that they lead to: NEEDED different ones must hold; those of strangers do
 * not count. Prints who signed, or why it does not hold, in one line; exit status 0 or 1.
 *
 * It is a name of aria2c: OpenSSL is there already.
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_certificates = 16, most_signers = 16, largest_signature = 1 << 20 };

static X509 *trusted[most_certificates];
static int trusted_count;
static char why[512];

/** The first cause stays: what follows from it says less. */
static int because(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    if (why[0] == '\0')
        vsnprintf(why, sizeof why, format, words);
    va_end(words);
    return 0;
}

static int refuse(void)
{
    puts(why[0] ? why : "the signature does not hold");
    return 1;
}

/** The subject's common name, or all of it; only what a console can show. */
static const char *name_of(X509 *certificate)
{
    static char name[128];
    X509_NAME *subject = X509_get_subject_name(certificate);
    if (X509_NAME_get_text_by_NID(subject, NID_commonName, name, sizeof name) <= 0)
        X509_NAME_oneline(subject, name, sizeof name);
    for (char *at = name; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return name;
}

static int read_trusted(char **files)
{
    for (; *files; files++) {
        BIO *in = BIO_new_file(*files, "r");
        X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
        BIO_free(in);
        if (!certificate)
            return because("%s: not a certificate in PEM", *files);
        if (trusted_count == most_certificates)
            return because("more than %d certificates", most_certificates);
        trusted[trusted_count++] = certificate;
    }
    return trusted_count > 0 || because("no certificate to trust");
}

static CMS_ContentInfo *read_signature(const char *file)
{
    BIO *in = BIO_new_file(file, "r");
    static unsigned char bytes[largest_signature + 1];
    int size = in ? BIO_read(in, bytes, sizeof bytes) : -1;
    BIO_free(in);
    const unsigned char *at = bytes;
    CMS_ContentInfo *cms =
        size > 0 && size <= largest_signature ? d2i_CMS_ContentInfo(NULL, &at, size) : NULL;
    ASN1_OCTET_STRING **content;
    if (!cms || at != bytes + size || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
        because("the signature is not CMS in DER");
    else if (!(content = CMS_get0_content(cms)) || *content)
        because("the signature holds a content of its own; sign without -nodetach");
    else
        return cms;
    return NULL;
}

/** Which trusted certificate a signer's leads to, by number; -1 where none. */
static int anchor_of(X509 *signer, STACK_OF(X509) *sent)
{
    int found = -1;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    for (int i = 0; i < trusted_count; i++)
        X509_STORE_add_cert(store, trusted[i]);
    X509_STORE_CTX_init(check, store, signer, sent);
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(check);
    /* A trusted certificate ends a chain, also where it is not an authority's. 112 bits: RSA-2048, SHA-256. */
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(rules, 2);
    if (X509_verify_cert(check) == 1) {
        STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(check);
        X509 *anchor = sk_X509_value(chain, sk_X509_num(chain) - 1);
        for (int i = 0; i < trusted_count; i++)
            if (X509_cmp(trusted[i], anchor) == 0)
                found = i;
        /* An authority also makes certificates for web servers. */
        if (found >= 0 && X509_cmp(signer, anchor) != 0
            && (!(X509_get_extension_flags(signer) & EXFLAG_XKUSAGE)
                || !(X509_get_extended_key_usage(signer) & XKU_CODE_SIGN))) {
            because("%s: its certificate is not for code signing", name_of(signer));
            found = -1;
        }
    } else {
        int error = X509_STORE_CTX_get_error(check);
        if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
            || error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
            || error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
            || error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
            because("%s: not trusted by this image", name_of(signer));
        else
            because("%s: %s", name_of(signer), X509_verify_cert_error_string(error));
    }
    X509_STORE_CTX_free(check);
    X509_STORE_free(store);
    return found;
}

/** The certificate of a signer: one that is trusted, or one that came with the signature. */
static X509 *certificate_of(CMS_SignerInfo *signer, STACK_OF(X509) *sent)
{
    for (int i = 0; i < trusted_count; i++)
        if (CMS_SignerInfo_cert_cmp(signer, trusted[i]) == 0)
            return trusted[i];
    for (int i = 0; i < sk_X509_num(sent); i++)
        if (CMS_SignerInfo_cert_cmp(signer, sk_X509_value(sent, i)) == 0)
            return sk_X509_value(sent, i);
    return NULL;
}

static int is_strong(CMS_SignerInfo *signer)
{
    X509_ALGOR *digest;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
    switch (OBJ_obj2nid(digest->algorithm)) {
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
        return 1;
    default:
        return because("its digest is neither SHA-256, SHA-384 nor SHA-512");
    }
}

/** Whether a signature holds over the bytes that were read, and the attributes beside them. */
static int holds(CMS_SignerInfo *signer, BIO *read)
{
    if (CMS_signed_get_attr_count(signer) >= 0 && CMS_SignerInfo_verify(signer) != 1)
        return because("the signature is broken");
    if (CMS_SignerInfo_verify_content(signer, read) != 1)
        return because("the file is not the one that was signed");
    return 1;
}

int cms_verify(int count, char **words)
{
    int needed = count > 1 ? atoi(words[1]) : 0;
    if (count < 5 || needed < 1) {
        puts("usage: cms-verify NEEDED FILE SIGNATURE CERTIFICATE...");
        return 1;
    }
    if (!read_trusted(words + 4))
        return refuse();
    CMS_ContentInfo *cms = read_signature(words[3]);
    BIO *file = BIO_new_file(words[2], "r");
    if (!cms || (!file && !because("%s: cannot be read", words[2])))
        return refuse();
    STACK_OF(X509) *sent = CMS_get1_certs(cms);
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    if (sk_CMS_SignerInfo_num(signers) > most_signers) {
        because("more than %d signatures", most_signers);
        return refuse();
    }
    BIO *read = CMS_dataInit(cms, file);
    char part[16384];
    while (read && BIO_read(read, part, sizeof part) > 0)
        ;
    int held[most_certificates] = {0};
    int good = 0;
    char names[1024] = "";
    for (int i = 0; read && i < sk_CMS_SignerInfo_num(signers); i++) {
        CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, i);
        X509 *certificate = certificate_of(signer, sent);
        if (!certificate) {
            because("the signer's certificate is neither trusted nor sent along");
            continue;
        }
        int anchor = anchor_of(certificate, sent);
        if (anchor < 0 || held[anchor] || !is_strong(signer))
            continue;
        CMS_SignerInfo_set1_signer_cert(signer, certificate);
        if (!holds(signer, read))
            continue;
        held[anchor] = 1;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", good ? ", " : "", name_of(certificate));
        good++;
    }
    if (good >= needed) {
        puts(names);
        return 0;
    }
    if (good > 0) {
        printf("%d of %d signatures: %s\n", good, needed, names);
        return 1;
    }
    return refuse();
}
