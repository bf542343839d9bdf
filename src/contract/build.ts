/** Names the code that runs: for every attempt it makes, and in its documents. */
export const build = process.env['npm_package_version'] ?? '0.1.0';
