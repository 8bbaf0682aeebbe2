// A wallet of @openid4vc/openid4vci that does what JSON lines on standard input tell it; one JSON line answers each.
import {createHash, generateKeyPairSync, randomBytes, sign} from 'node:crypto';
import {createInterface} from 'node:readline';
import {Oauth2Client, clientAuthenticationAnonymous, clientAuthenticationNone} from '@openid4vc/oauth2';
import {Openid4vciClient, setGlobalConfig} from '@openid4vc/openid4vci';

setGlobalConfig({allowInsecureUrls: true}); // the test's server is a loopback address
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const keys = new Map();
const seen = [];

function key(name, curve) {
  if (!keys.has(name)) {
    const pair = curve === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', {namedCurve: curve});
    const {kty, crv, x, y} = pair.publicKey.export({format: 'jwk'});
    const jwk = y ? {kty, crv, x, y} : {kty, crv, x};
    keys.set(name, {jwk, secret: pair.privateKey, alg: {Ed25519: 'EdDSA', 'P-256': 'ES256', 'P-384': 'ES384'}[curve]});
  }
  return keys.get(name);
}

// What the next proof says otherwise than it should: members of header and payload.
let twist = {};
function signJwt(signer, {header, payload}) {
  const {jwk, secret} = keys.get(signer.name);
  const head = {...header, ...twist.header};
  for (const name of twist.drop ?? []) delete head[name];
  const body = `${encode(head)}.${encode({...payload, ...twist.payload})}`;
  const hash = {Ed25519: null, 'P-256': 'sha256', 'P-384': 'sha384'}[jwk.crv];
  const bytes = sign(hash, Buffer.from(body), {key: secret, dsaEncoding: 'ieee-p1363'});
  return {jwt: `${body}.${bytes.toString('base64url')}`, signerJwk: jwk};
}

async function watched(...given) {
  const answer = await fetch(...given);
  seen.push({url: String(given[0]?.url ?? given[0]), status: answer.status, body: await answer.clone().text()});
  return answer;
}

const never = () => { throw new Error('not used'); };
const callbacks = clientId => ({
  fetch: watched, signJwt, verifyJwt: never, decryptJwe: never, encryptJwe: never,
  hash: (data, name) => createHash(name.replace('-', '')).update(data).digest(),
  generateRandom: size => randomBytes(size),
  clientAuthentication: clientId ? clientAuthenticationNone({clientId}) : clientAuthenticationAnonymous(),
});

const state = {};
const vci = () => new Openid4vciClient({callbacks: callbacks(state.clientId)});

const verbs = {
  async offer({link}) {
    state.clientId = undefined;
    state.offer = await vci().resolveCredentialOffer(link);
    state.issuer = await vci().resolveIssuerMetadata(state.offer.credential_issuer);
    const {originalDraftVersion: version, knownCredentialConfigurations: known} = state.issuer;
    return {offer: state.offer, version, known: Object.keys(known), display: state.issuer.credentialIssuer.display};
  },
  async redeem({txCode, details}) {
    const {accessTokenResponse} = await vci().retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer: state.offer, issuerMetadata: state.issuer, txCode,
      additionalRequestPayload: details ? {authorization_details: JSON.stringify(details)} : undefined,
    });
    state.token = accessTokenResponse;
    return accessTokenResponse;
  },
  async start({clientId, redirectUri, scope}) {
    state.clientId = clientId;
    state.redirectUri = redirectUri;
    const begun = await vci().initiateAuthorization({
      clientId, redirectUri, scope, credentialOffer: state.offer, issuerMetadata: state.issuer,
    });
    state.verifier = begun.pkce.codeVerifier;
    return {url: begun.authorizationRequestUrl};
  },
  async code({url, verifier}) {
    const answer = vci().parseAndVerifyAuthorizationResponseRedirectUrl({
      url, authorizationServerMetadata: state.issuer.authorizationServers[0],
    });
    const {accessTokenResponse} = await vci().retrieveAuthorizationCodeAccessTokenFromOffer({
      issuerMetadata: state.issuer, credentialOffer: state.offer, authorizationCode: answer.code,
      pkceCodeVerifier: verifier ?? state.verifier, redirectUri: state.redirectUri,
    });
    state.token = accessTokenResponse;
    return accessTokenResponse;
  },
  async refresh({token}) {
    const client = new Oauth2Client({callbacks: callbacks(state.clientId)});
    const {accessTokenResponse} = await client.retrieveRefreshTokenAccessToken({
      authorizationServerMetadata: state.issuer.authorizationServers[0], refreshToken: token,
    });
    state.token = accessTokenResponse;
    return accessTokenResponse;
  },
  async nonce() {
    return {nonce: (await vci().requestNonce({issuerMetadata: state.issuer})).c_nonce};
  },
  // `holders`: names of keys, each with a curve and the way in which the proof names it.
  async credential({configuration, holders = [], nonce, change = {}, more}) {
    let proofs;
    if (holders.length) {
      nonce ??= (await verbs.nonce()).nonce;
      proofs = {jwt: []};
      for (const {name, curve, by, did} of holders) {
        const {jwk, alg} = key(name, curve);
        const signer = by === 'jwk' ? {method: 'jwk', publicJwk: jwk, alg} :
          {method: 'did', alg, didUrl: did ?? `did:jwk:${encode(jwk)}#0`};
        twist = change;
        const {jwt} = await vci().createCredentialRequestJwtProof({
          issuerMetadata: state.issuer, signer: {...signer, name}, issuedAt: new Date(), nonce,
          clientId: state.clientId, credentialConfigurationId: configuration,
        });
        twist = {};
        proofs.jwt.push(jwt);
      }
    }
    const {credentialResponse} = await vci().retrieveCredentials({
      issuerMetadata: state.issuer, accessToken: state.token.access_token, credentialConfigurationId: configuration,
      proofs, additionalRequestPayload: more,
    });
    return {...credentialResponse, nonce, keys: holders.map(({name}) => keys.get(name).jwk)};
  },
  async deferred({transaction}) {
    const {deferredCredentialResponse} = await vci().retrieveDeferredCredentials({
      issuerMetadata: state.issuer, accessToken: state.token.access_token, transactionId: transaction,
    });
    return deferredCredentialResponse;
  },
  async notify({notification, event}) {
    await vci().sendNotification({
      issuerMetadata: state.issuer, accessToken: state.token.access_token,
      notification: {notificationId: notification, event},
    });
    return {};
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const {verb, ...given} = JSON.parse(line);
  seen.length = 0;
  let answer;
  try {
    answer = {ok: true, ...await verbs[verb](given)};
  } catch (error) {
    twist = {};
    answer = {ok: false, name: error.name, message: String(error.message).slice(0, 300)};
  }
  const last = seen.at(-1);
  process.stdout.write(JSON.stringify({...answer, last}) + '\n');
}
