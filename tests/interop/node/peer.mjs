// One peer at work: `node peer.mjs NAME WORK.json`. The work is {known, jobs}; one answer is written for each job, as a
// JSON line: {"text": …} for what was issued, {"good": true|false, "why": …} for what was verified.
import {createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify} from 'node:crypto';
import {readFileSync} from 'node:fs';

const [name, path] = process.argv.slice(2);
const {known, jobs} = JSON.parse(readFileSync(path, 'utf8'));
const answer = value => process.stdout.write(JSON.stringify(value) + '\n');
console.log = console.error;
globalThis.fetch = async () => { throw new TypeError('fetch failed: there is no network here'); };

async function digitalbazaar() {
  const {DataIntegrityProof} = await import('@digitalbazaar/data-integrity');
  const vc = await import('@digitalbazaar/vc');
  const multikeys = {
    'Ed25519': await import('@digitalbazaar/ed25519-multikey'),
    'P-256': await import('@digitalbazaar/ecdsa-multikey'),
    'P-384': await import('@digitalbazaar/ecdsa-multikey')
  };
  const suites = {};
  for(const suite of ['eddsa-rdfc-2022', 'eddsa-jcs-2022', 'ecdsa-rdfc-2019', 'ecdsa-jcs-2019', 'ecdsa-sd-2023']) {
    suites[suite] = await import(`@digitalbazaar/${suite}-cryptosuite`);
  }
  const documentLoader = async url => {
    if(!(url in known)) {
      throw new Error(`unknown document: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document: structuredClone(known[url])};
  };
  const checkStatus = async () => ({verified: true});
  const issuing = (suite, options) => suites[suite].createSignCryptosuite?.(options) ?? suites[suite].cryptosuite;
  const verifying = suite => suites[suite].createVerifyCryptosuite?.() ?? suites[suite].cryptosuite;

  return async ({act, suite, kind, key, document, text, pointers, show, shown, challenge, domain}) => {
    if(act === 'issue') {
      const pair = await multikeys[kind].from(key);
      const cryptosuite = issuing(suite, {mandatoryPointers: pointers});
      const proof = new DataIntegrityProof({signer: pair.signer(), cryptosuite});
      if(shown) {
        const made = {presentation: document, suite: proof, challenge, domain, documentLoader};
        return {text: JSON.stringify(await vc.signPresentation(made))};
      }
      const made = await vc.issue({credential: document, suite: proof, documentLoader});
      if(suite !== 'ecdsa-sd-2023') {
        return {text: JSON.stringify(made)};
      }
      const disclose = suites[suite].createDiscloseCryptosuite({selectivePointers: show});
      const parts = {verifiableCredential: made, suite: new DataIntegrityProof({cryptosuite: disclose}), documentLoader};
      return {text: JSON.stringify(await vc.derive(parts)), base: made};
    }
    const check = {suite: new DataIntegrityProof({cryptosuite: verifying(suite)}), documentLoader, checkStatus};
    const found = JSON.parse(text);
    const result = shown ? await vc.verify({...check, presentation: found, challenge, domain}) :
      await vc.verifyCredential({...check, credential: found});
    const errors = result.error?.errors ?? [result.error];
    return {good: result.verified, why: errors.map(error => error?.message ?? '').join('; ')};
  };
}

async function verifierCore() {
  const core = await import('@digitalcredentials/verifier-core');
  return async ({text, shown, challenge}) => {
    const found = JSON.parse(text);
    const result = shown ?
      await core.verifyPresentation({presentation: found, challenge, knownDIDRegistries: []}) :
      await core.verifyCredential({credential: found, knownDIDRegistries: []});
    const parts = shown ? [result.presentationResult, ...(result.credentialResults ?? [])] : [result];
    // No registry is given, so nobody is registered.
    const steps = parts.flatMap(part => part?.log ?? []).filter(step => step.id !== 'registered_issuer');
    const errors = [...(result.errors ?? []), ...parts.flatMap(part => part?.errors ?? [])];
    const bad = steps.filter(step => step.valid !== true).map(step => step.id);
    const good = !errors.length && steps.length > 0 && !bad.length;
    return {good, why: [...errors.map(error => error.message), ...bad].join('; ')};
  };
}

async function sdJwt() {
  const {SDJwtVcInstance} = await import('@sd-jwt/sd-jwt-vc');
  const algorithms = {'Ed25519': 'EdDSA', 'P-256': 'ES256'};
  const digests = {'Ed25519': null, 'P-256': 'sha256'};
  const signer = (jwk, kind) => data => sign(
    digests[kind], Buffer.from(data), {key: createPrivateKey({key: jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'}
  ).toString('base64url');
  const checker = (jwk, kind) => (data, signature) => verify(
    digests[kind], Buffer.from(data),
    {key: createPublicKey({key: jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'}, Buffer.from(signature, 'base64url')
  );
  const kindOf = jwk => jwk.crv;
  return async ({act, kind, jwk, holder, document, text, hidden, kid, challenge, domain}) => {
    const instance = new SDJwtVcInstance({
      hasher: (data, name) => createHash(name.replace('-', '')).update(data).digest(),
      hashAlg: 'sha-256',
      saltGenerator: () => randomBytes(16).toString('base64url'),
      signAlg: algorithms[kind],
      ...(act === 'issue' ? {signer: signer(jwk, kind)} : {verifier: checker(jwk, kind)}),
      ...(act === 'issue' ? {kbSigner: signer(holder, kindOf(holder)), kbSignAlg: algorithms[kindOf(holder)]} : {
        kbVerifier: (data, signature, payload) => checker(payload.cnf.jwk, kindOf(payload.cnf.jwk))(data, signature)
      })
    });
    if(act === 'issue') {
      const made = await instance.issue(document, {credentialSubject: {_sd: hidden}}, {header: {kid}});
      const all = {credentialSubject: Object.fromEntries(hidden.map(name => [name, true]))};
      const payload = {iat: Math.floor(Date.now() / 1000), aud: domain, nonce: challenge};
      return {text: await instance.present(made, all, {kb: {payload}})};
    }
    await instance.verify(text, {keyBindingNonce: challenge});
    return {good: true};
  };
}

const peers = {'digitalbazaar': digitalbazaar, 'verifier-core': verifierCore, 'sd-jwt-vc': sdJwt};
const work = await peers[name]();
for(const job of jobs) {
  try {
    answer(await work(job));
  } catch(error) {
    answer({good: false, why: `${error.name}: ${error.message}`});
  }
}
