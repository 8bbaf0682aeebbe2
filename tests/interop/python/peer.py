"""openvc-core at work: `python peer.py WORK.json`, in an environment of its own. As node/peer.mjs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from openvc import VerificationPolicy, signing_key_from_jwk, verify_credential
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite

SUITES = {
    "eddsa-rdfc-2022": DataIntegrityProofSuite,
    "eddsa-jcs-2022": EddsaJcsProofSuite,
    "ecdsa-rdfc-2019": EcdsaRdfcProofSuite,
    "ecdsa-jcs-2019": EcdsaJcsProofSuite,
}


def issue(job: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    """What the peer signs."""
    key, document = signing_key_from_jwk(job["jwk"], job["kid"]), job["document"]
    if job["suite"] == "dc+sd-jwt":
        holder = signing_key_from_jwk(job["holder"], "holder")
        public = {name: value for name, value in job["holder"].items() if name != "d"}
        suite = SdJwtVcProofSuite()
        made = suite.issue(document, signing_key=key, disclosable=["evidence"], holder_jwk=public)
        bound = {"audience": job["domain"], "nonce": job["challenge"]}
        return {"text": suite.create_presentation(made, holder_key=holder, **bound)}
    if job["suite"] == "vc+jwt":
        return {"text": VcJwtProofSuite().sign(document, signing_key=key)}
    options = {"signing_key": key, "verification_method": job["kid"]}
    if job["suite"] == "ecdsa-sd-2023":
        sd = EcdsaSdProofSuite()
        base = sd.add_base_proof(document, mandatory_pointers=job["pointers"], extra_contexts=contexts, **options)
        return {
            "text": json.dumps(sd.derive_proof(base, selective_pointers=job["show"], extra_contexts=contexts)),
            "base": base,
        }
    if not job["suite"].endswith("jcs-2022") and not job["suite"].endswith("jcs-2019"):
        options["extra_contexts"] = contexts
    if job.get("shown"):
        options |= {"proof_purpose": "authentication", "challenge": job["challenge"], "domain": job["domain"]}
    return {"text": json.dumps(SUITES[job["suite"]]().add_proof(document, **options))}


def check(job: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    """What the peer thinks of what we signed."""
    text = job["text"]
    if job.get("shown"):
        SUITES[job["suite"]]().verify(
            json.loads(text), expected_challenge=job["challenge"], expected_domain=job["domain"], extra_contexts=contexts,
            expected_proof_purpose="authentication",
        )  # fmt: skip
        return {"good": True}
    bound = job["suite"] == "dc+sd-jwt"
    policy = VerificationPolicy(
        audience=job["domain"] if bound else None, nonce=job["challenge"] if bound else None, require_key_binding=bound
    )
    verify_credential(json.loads(text) if text.startswith("{") else text, policy=policy, extra_contexts=contexts)
    return {"good": True}


def main() -> None:
    work = json.loads(Path(sys.argv[1]).read_text())
    contexts = {url: document for url, document in work["known"].items() if url.startswith("https://")}
    for job in work["jobs"]:
        try:
            answer = (issue if job["act"] == "issue" else check)(job, contexts)
        except Exception as error:  # whatever a peer raises, it said no
            answer = {"good": False, "why": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
