// Reads questions as JSON lines on standard input; answers each with a JSON line: {ok} or {error}.
import {createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify} from 'node:crypto';
import {createInterface} from 'node:readline';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';

const ALGORITHMS = {Ed25519: 'EdDSA', 'P-256': 'ES256', 'P-384': 'ES384'};
const HASHES = {Ed25519: null, 'P-256': 'sha256', 'P-384': 'sha384'};

function signer(jwk) {
  const key = createPrivateKey({key: jwk, format: 'jwk'});
  return data => sign(HASHES[jwk.crv], Buffer.from(data), {key, dsaEncoding: 'ieee-p1363'}).toString('base64url');
}

function verifier(jwk) {
  const key = createPublicKey({key: jwk, format: 'jwk'});
  return (data, signature) =>
    verify(HASHES[jwk.crv], Buffer.from(data), {key, dsaEncoding: 'ieee-p1363'}, Buffer.from(signature, 'base64url'));
}

const common = {
  hasher: (data, name) => createHash(name.replace('-', '')).update(data).digest(),
  hashAlg: 'sha-256',
  saltGenerator: length => randomBytes(length).toString('base64url'),
};

const answers = {
  async issue({claims, frame, key, kid}) {
    const instance = new SDJwtVcInstance({...common, signer: signer(key), signAlg: ALGORITHMS[key.crv]});
    return instance.issue(claims, frame, {header: {kid}});
  },
  async present({text, frame, key, nonce, audience, at}) {
    const instance = new SDJwtVcInstance({...common, kbSigner: signer(key), kbSignAlg: ALGORITHMS[key.crv]});
    return instance.present(text, frame, {kb: {payload: {iat: at, aud: audience, nonce}}});
  },
  async verify({text, key, nonce, at}) {
    const instance = new SDJwtVcInstance({
      ...common,
      verifier: verifier(key),
      kbVerifier: (data, signature, payload) => verifier(payload.cnf.jwk)(data, signature),
    });
    const {payload} = await instance.verify(text, {currentDate: at, keyBindingNonce: nonce});
    return payload;
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = {ok: await answers[question.do](question)};
  } catch (error) {
    answer = {error: String(error.message ?? error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
