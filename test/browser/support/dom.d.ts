/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The functions that the tests run inside a page.
