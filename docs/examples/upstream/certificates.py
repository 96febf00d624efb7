"""Device certificates, made with the program `openssl`; the standard library of Python cannot. Optional."""

import base64
import binascii
import secrets
import subprocess
import tempfile

from kiosk_events import Refusal

VALID_DAYS = 397


def read_pem(text):
    """The bytes within PEM."""
    try:
        der = base64.b64decode("".join(text.split("-----")[2].split()), validate=True)
    except (IndexError, binascii.Error) as error:
        raise Refusal(422, "key-unusable", f"not PEM: {error}") from None
    # Both a key and a certificate request are a SEQUENCE that fills the file.
    if len(der) < 40 or der[0] != 0x30:
        raise Refusal(422, "key-unusable", "not a SubjectPublicKeyInfo or PKCS #10 in DER")
    return der


class Issuer:
    def __init__(self, certificate=None, key=None):
        self.certificate, self.key = certificate, key

    def __call__(self, device, request):
        """A certificate for the device, if it wants one and this server issues any; checks the key in any case."""
        key = read_pem(request["public_key"])
        wanted = request.get("certificate_request")
        if wanted:
            read_pem(wanted)
        if not wanted or not self.certificate:
            return None
        # Its signature proves that whoever asks has the private key.
        proven = self.openssl("req", "-verify", "-noout", "-pubkey", given=wanted)
        if read_pem(proven) != key:
            raise Refusal(422, "key-unusable", "the certificate request is for another key")
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(request["public_key"])
            file.flush()
            return self.openssl(
                "x509", "-new", "-force_pubkey", file.name, "-subj", "/CN=" + device, "-CA", self.certificate,
                "-CAkey", self.key, "-days", str(VALID_DAYS), "-set_serial", "0x" + secrets.token_hex(16), "-sha256")

    @staticmethod
    def openssl(*arguments, given=""):
        done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise Refusal(422, "key-unusable", "openssl: " + done.stderr.strip()[:500])
        return done.stdout
