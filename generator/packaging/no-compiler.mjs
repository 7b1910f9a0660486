// npm's node-gyp in this checkout (.npmrc names it): node-liblzma brings its library built, and npm would compile it
// all the same, as it holds a binding.gyp. So nothing is compiled, whether there is a compiler or not.
