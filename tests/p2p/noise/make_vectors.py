#!/usr/bin/python3
"""Makes vectors.json: Noise test vectors for the project's four suites, computed by dissononce, a Noise implementation
that shares no code with this one (Debian: python3-dissononce). Keys, prologues and payloads grow from a fixed seed, so
that running it again gives the same file.

    /usr/bin/python3 make_vectors.py > vectors.json
"""

import hashlib
import json
import logging

from dissononce.cipher.aesgcm import AESGCMCipher
from dissononce.cipher.chachapoly import ChaChaPolyCipher
from dissononce.dh.private import PrivateKey
from dissononce.dh.x25519.x25519 import X25519DH
from dissononce.extras.dh.dangerous.dh_nogen import NoGenDH
from dissononce.hash.sha256 import SHA256Hash
from dissononce.processing.handshakepatterns.interactive.XX import XXHandshakePattern
from dissononce.processing.handshakepatterns.oneway.X import XHandshakePattern
from dissononce.processing.impl.cipherstate import CipherState
from dissononce.processing.impl.handshakestate import HandshakeState
from dissononce.processing.impl.symmetricstate import SymmetricState

# Lengths of prologues and payloads around the borders that matter: nothing, one byte, AEAD blocks, a large message.
PROLOGUES = [0, 8, 200]
PAYLOADS = [[0, 0, 0, 0, 1, 16], [1, 31, 32, 33, 0, 64], [17, 100, 255, 256, 5000, 63]]


class Source:
    """Bytes from a name: the same name gives the same bytes."""

    def __init__(self, name):
        self._name = name
        self._count = 0

    def take(self, length):
        out = b""
        while len(out) < length:
            self._count += 1
            out += hashlib.sha256(("landline vectors 1 %s %d" % (self._name, self._count)).encode()).digest()
        return out[:length]


def key_pair(private):
    return X25519DH().generate_keypair(PrivateKey(private))


def handshake(cipher, ephemeral):
    """A handshake state whose ephemeral key is the given one."""
    return HandshakeState(SymmetricState(CipherState(cipher()), SHA256Hash()),
                          NoGenDH(X25519DH(), PrivateKey(ephemeral)))


def make_vector(pattern, cipher, prologue_length, payload_lengths):
    source = Source("%s %s %d" % (pattern.name, cipher().name, prologue_length))
    prologue = source.take(prologue_length)
    init_static, resp_static, init_ephemeral, resp_ephemeral = (source.take(32) for _ in range(4))
    one_way = pattern.name == "X"

    remote = key_pair(resp_static).public if one_way else None
    initiator, responder = handshake(cipher, init_ephemeral), handshake(cipher, resp_ephemeral)
    initiator.initialize(pattern, True, prologue, s=key_pair(init_static), rs=remote)
    responder.initialize(pattern, False, prologue, s=key_pair(resp_static))

    messages, ciphers = [], None
    for index, length in enumerate(payload_lengths):
        payload = source.take(length)
        if ciphers is None:
            writer, reader = (initiator, responder) if index % 2 == 0 else (responder, initiator)
            sent, got = bytearray(), bytearray()
            ciphers = writer.write_message(payload, sent)
            reader_ciphers = reader.read_message(bytes(sent), got)
            assert bytes(got) == payload
            if ciphers is not None:
                # Both sides' pairs, ordered as (initiator to responder, responder to initiator).
                both = {id(writer): ciphers, id(reader): reader_ciphers}
                sending, receiving = both[id(initiator)], both[id(responder)]
        else:
            way = 0 if one_way or index % 2 == 0 else 1
            first, second = (sending, receiving) if way == 0 else (receiving, sending)
            sent = first[way].encrypt_with_ad(b"", payload)
            assert second[way].decrypt_with_ad(b"", sent) == payload
        messages.append({"payload": payload.hex(), "ciphertext": bytes(sent).hex()})

    vector = {
        "protocol_name": initiator.protocol_name,
        "init_prologue": prologue.hex(), "init_psks": [], "init_static": init_static.hex(),
        "init_ephemeral": init_ephemeral.hex(),
        "resp_prologue": prologue.hex(), "resp_psks": [], "resp_static": resp_static.hex(),
        "handshake_hash": initiator.symmetricstate.get_handshake_hash().hex(),
        "messages": messages,
    }
    if one_way:
        vector["init_remote_static"] = remote.data.hex()
    else:
        vector["resp_ephemeral"] = resp_ephemeral.hex()
    return vector


def main():
    logging.disable(logging.CRITICAL)
    vectors = [make_vector(pattern(), cipher, prologue, payloads)
               for pattern in (XXHandshakePattern, XHandshakePattern)
               for cipher in (ChaChaPolyCipher, AESGCMCipher)
               for prologue, payloads in zip(PROLOGUES, PAYLOADS)]
    print(json.dumps({"comment": "Made by make_vectors.py with dissononce.", "vectors": vectors}, indent=1))


if __name__ == "__main__":
    main()
