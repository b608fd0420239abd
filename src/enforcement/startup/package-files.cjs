const { join } = require('node:path');

// Where this package is. An ES module could tell by `import.meta` only, and would break where Jest makes CommonJS of
// it, as it has to in CommonJS projects before Node 24.9.
module.exports = {
  require,

  /**
   * A file of this package.
   *
   * @param {string} name
   */
  path: (name) => join(__dirname, name),
};
