// Reads credentials as JSON lines on standard input; writes what verifier-core says of each as a JSON line.
import {createInterface} from 'node:readline';
import {verifyCredential} from '@digitalcredentials/verifier-core';

// The schema check asks purl.imsglobal.org and does not count; only loopback (the test's status list) is let through.
const realFetch = globalThis.fetch;
globalThis.fetch = async (url, ...rest) => {
  if (new URL(String(url?.url ?? url)).hostname === '127.0.0.1') return realFetch(url, ...rest);
  throw new TypeError('fetch failed: this test has no network');
};
console.log = console.error;

for await (const line of createInterface({input: process.stdin})) {
  if (!line.trim()) continue;
  const answer = await verifyCredential({credential: JSON.parse(line), knownDIDRegistries: []});
  const steps = Object.fromEntries((answer.log ?? []).map(step => [step.id, step.error ? step.error.name : step.valid]));
  const errors = (answer.errors ?? []).map(({name, message}) => ({name, message}));
  process.stdout.write(JSON.stringify({steps, errors}) + '\n');
}
