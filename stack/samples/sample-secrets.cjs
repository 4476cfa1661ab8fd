// The secrets of the vendors' published samples. A string, because that is what an environment variable is.
module.exports = async () => JSON.stringify((await import('../../lib/vendors/samples.ts')).SAMPLE_SECRETS);
