// Reads questions as JSON lines on standard input; answers each with a JSON line: {ok} or {error}.
import {createHash, createPrivateKey, randomBytes, sign} from 'node:crypto';
import {createInterface} from 'node:readline';
import {HashAlgorithm, setGlobalConfig} from '@openid4vc/oauth2';
import {Openid4vpClient, Openid4vpVerifier} from '@openid4vc/openid4vp';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import {DcqlQuery} from 'dcql';
import {SignJWT, importJWK, jwtVerify} from 'jose';

setGlobalConfig({allowInsecureUrls: true});
console.log = console.error;

// Only loopback is let through.
const fetch = async (url, ...rest) => {
  if (new URL(String(url)).hostname !== '127.0.0.1') throw new TypeError('this test has no network');
  return globalThis.fetch(url, ...rest);
};

function callbacks(jwk, secret) {
  return {
    fetch,
    hash: (data, name) => createHash(HashAlgorithm ? name.replace('-', '') : name).update(data).digest(),
    generateRandom: length => randomBytes(length),
    verifyJwt: async (signer, {compact}) => {
      await jwtVerify(compact, await importJWK(jwk, signer.alg));
      return {verified: true, signerJwk: jwk};
    },
    signJwt: async (signer, {header, payload}) => ({
      jwt: await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(secret, signer.alg)),
      signerJwk: jwk,
    }),
    decryptJwe: () => { throw new Error('not asked'); },
    encryptJwe: () => { throw new Error('not asked'); },
    getX509CertificateMetadata: () => { throw new Error('not asked'); },
    clientAuthentication: () => { throw new Error('not asked'); },
  };
}

const answers = {
  // DCQL: whether a query is one, whether these credentials satisfy it, and which answer which part.
  async dcql({query, credentials}) {
    const parsed = DcqlQuery.parse(query);
    DcqlQuery.validate(parsed);
    const result = DcqlQuery.query(parsed, credentials);
    const matches = Object.fromEntries(Object.entries(result.credential_matches)
      .filter(([, found]) => found.success)
      .map(([id, found]) => [id, found.valid_credentials.map(each => each.input_credential_index)]));
    return {satisfied: result.can_be_satisfied, matches};
  },
  // A wallet opens a link, and reads the verifier's signed request.
  async open({link, jwk}) {
    const client = new Openid4vpClient({callbacks: callbacks(jwk)});
    const {params} = client.parseOpenid4vpAuthorizationRequest({authorizationRequest: link});
    const found = await client.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: params, responseMode: {type: 'direct_post'},
    });
    return {payload: found.authorizationRequestPayload, client: found.client, dcql: found.dcql.query};
  },
  // A wallet answers it.
  async answer({payload, vp_token}) {
    const client = new Openid4vpClient({callbacks: callbacks()});
    const {authorizationResponsePayload} = await client.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: payload, authorizationResponsePayload: {vp_token},
    });
    const {response} = await client.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: payload, authorizationResponsePayload,
    });
    return {status: response.status, body: await response.json()};
  },
  // A holder shows parts of an SD-JWT.
  async present({text, frame, key, nonce, audience}) {
    const secret = createPrivateKey({key, format: 'jwk'});
    const instance = new SDJwtVcInstance({
      hasher: (data, name) => createHash(name.replace('-', '')).update(data).digest(),
      hashAlg: 'sha-256',
      kbSigner: data => sign(null, Buffer.from(data), secret).toString('base64url'),
      kbSignAlg: 'EdDSA',
    });
    const iat = Math.floor(Date.now() / 1000);
    return instance.present(text, frame, {kb: {payload: {iat, aud: audience, nonce}}});
  },
  // A verifier asks.
  async ask({did, kid, jwk, secret, query, response_uri, nonce, state}) {
    const verifier = new Openid4vpVerifier({callbacks: callbacks(jwk, secret)});
    const made = await verifier.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: {
        response_type: 'vp_token', response_mode: 'direct_post', client_id: `decentralized_identifier:${did}`,
        response_uri, nonce, state, dcql_query: query,
        client_metadata: {client_name: 'Node Verifier', vp_formats_supported: {ldp_vc: {}, 'dc+sd-jwt': {}}},
      },
      jar: {
        requestUri: 'https://verifier.example/request', expiresInSeconds: 300,
        jwtSigner: {method: 'did', alg: 'EdDSA', didUrl: kid},
        additionalJwtPayload: {aud: 'https://self-issued.me/v2'},
      },
    });
    return {link: made.authorizationRequest, token: made.jar.authorizationRequestJwt, payload: made.authorizationRequestPayload};
  },
  // A verifier reads what was posted to it.
  async read({payload, posted}) {
    const verifier = new Openid4vpVerifier({callbacks: callbacks()});
    const authorizationResponse = Object.fromEntries(new URLSearchParams(posted));
    const found = await verifier.parseOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: payload, authorizationResponse, callbacks: callbacks(),
    });
    return {presentations: found.dcql.presentations, state: found.authorizationResponsePayload.state};
  },
  // What the Learner Credential Wallet posts to an exchange: its profile's DID, signed, without credentials.
  async wallet({url, challenge, domain, wrapped}) {
    const {Ed25519VerificationKey2020} = await import('@digitalcredentials/ed25519-verification-key-2020');
    const {Ed25519Signature2020} = await import('@digitalcredentials/ed25519-signature-2020');
    const {securityLoader} = await import('@digitalcredentials/security-document-loader');
    const vc = await import('@digitalcredentials/vc');
    const key = await Ed25519VerificationKey2020.generate();
    key.controller = `did:key:${key.fingerprint()}`;
    key.id = `${key.controller}#${key.fingerprint()}`;
    const documentLoader = securityLoader({fetchRemoteContexts: false}).build();
    const presentation = await vc.signPresentation({
      presentation: vc.createPresentation({holder: key.controller}),
      suite: new Ed25519Signature2020({key}), challenge, domain, documentLoader,
    });
    const response = await fetch(url, {
      method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(wrapped ? {verifiablePresentation: presentation} : presentation),
    });
    return {status: response.status, body: await response.json(), holder: key.controller, presentation};
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = {ok: await answers[question.do](question)};
  } catch (error) {
    answer = {error: String(error.message ?? error), why: String(error.cause ?? error.errorResponse?.error_description ?? '')};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
