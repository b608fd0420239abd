const { join } = require('node:path');

// The location of this package. An ES module would need `import.meta`, which fails where Jest compiles to CommonJS,
// as it must in CommonJS projects before Node 24.9.
module.exports = {
  require,

  /**
   * Returns the path of a file of this package.
   *
   * @param {string} name
   */
  path: (name) => join(__dirname, name),
};
