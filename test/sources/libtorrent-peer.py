"""A foreign peer: libtorrent makes a torrent of a folder, or seeds one until its standard input ends."""
import os
import sys

import libtorrent


def make(folder, torrent, kind, *trackers):
    """A torrent of a folder: `hybrid`, `v1` or `v2`."""
    flags = {'hybrid': 0, 'v1': libtorrent.create_torrent.v1_only, 'v2': libtorrent.create_torrent.v2_only}
    files = libtorrent.file_storage()
    libtorrent.add_files(files, folder)
    made = libtorrent.create_torrent(files, 32768, flags[kind])
    for tracker in trackers:
        made.add_tracker(tracker)
    libtorrent.set_piece_hashes(made, os.path.dirname(folder))
    with open(torrent, 'wb') as file:
        file.write(libtorrent.bencode(made.generate()))
    print(libtorrent.torrent_info(torrent).info_hashes().v1)


def seed(folder, torrent, address, **settings):
    """Seeds at ADDRESS:PORT, and tells the segment."""
    session = libtorrent.session({
        'listen_interfaces': address, 'enable_lsd': True, 'enable_dht': False,
        'enable_upnp': False, 'enable_natpmp': False, **settings,
    })
    parameters = libtorrent.add_torrent_params()
    parameters.ti = libtorrent.torrent_info(torrent)
    parameters.save_path = os.path.dirname(folder)
    parameters.flags |= libtorrent.torrent_flags.seed_mode
    session.add_torrent(parameters)
    print('ready', flush=True)
    sys.stdin.read()


def corrupt(folder, torrent, address):
    """Seeds what is in the folder, right or wrong, and tells nobody but those who connect."""
    seed(folder, torrent, address, disable_hash_checks=True, enable_lsd=False)


if __name__ == '__main__':
    {'make': make, 'seed': seed, 'corrupt': corrupt}[sys.argv[1]](*sys.argv[2:])
