//! Published values, each with its source, through the public functions of both ends.

use super::host::{HostSession, OpenError, Opening};
use super::key_data::KeyData;
use super::{
    CardDomain, ChannelKeys, Counter, Credentials, Proving, Scp02Option, Scp03Option, Terms,
    TermsText, scp02, scp03,
};
use crate::aes_key::AesKey;
use crate::aid::Aid;
use crate::tdes::TdesKey;

const MASTER: &str = "404142434445464748494A4B4C4D4E4F";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    bytes(text).try_into().unwrap()
}

fn tdes(text: &str) -> TdesKey {
    TdesKey::from_hex(text).unwrap()
}

/// `GlobalPlatformPro`, `TestPlaintextKeys.java`: check values of session keys, counter 0000, and
/// a key wrapped under the session's.
#[test]
fn scp02_session_keys_of_globalplatformpro() {
    let keys = scp02::session_keys(&ChannelKeys::same(tdes(MASTER)), [0, 0]);
    let kcvs = [&keys.enc, &keys.mac, &keys.dek, &keys.rmac].map(|key| key.kcv().to_string());
    assert_eq!(kcvs, ["F2DCDD", "5FCC69", "85272E", "9F749A"]);
    let wrapped = scp02::Session::new(keys)
        .wrap_secret(&bytes(MASTER))
        .unwrap();
    assert_eq!(
        hex::encode_upper(wrapped),
        "EFBEE6C6D99D7B70BDE9D7E927F020AF"
    );
}

/// The tests of `scll-backend-rustcrypto` 1.0.5, `scp02_kat.rs`: one key three times, counter 0001.
#[test]
fn scp02_cryptograms_of_scll() {
    let keys = scp02::session_keys(&ChannelKeys::same(tdes(MASTER)), [0, 1]);
    let (host, card) = (array("0001020304050607"), array("08090A0B0C0D"));
    let found = scp02::card_cryptogram(&keys, host, [0, 1], card);
    assert_eq!(hex::encode(found), "9d8da672f05c4e45");
    let found = scp02::host_cryptogram(&keys, host, [0, 1], card);
    assert_eq!(hex::encode(found), "e87e4c9e45c47f79");
}

/// The same place: a trace of a JCOP 4 P71, three keys, counter 001C.
#[test]
fn scp02_trace_of_a_jcop_card() {
    let keys = ChannelKeys {
        enc: tdes("90379a3e7116d455e55f9398736a01ca"),
        mac: tdes("473f36161a7f7f60cc3a766ea4be5247"),
        dek: tdes("d3749ed4ff42fd58b39eeb562b017cd9"),
    };
    let keys = scp02::session_keys(&keys, [0, 0x1c]);
    let (host, card) = (array("2572ae5c04a7c329"), array("3a58bf1253d5"));
    let found = scp02::card_cryptogram(&keys, host, [0, 0x1c], card);
    assert_eq!(hex::encode(found), "bc5d5979580a581f");
    let cryptogram = scp02::host_cryptogram(&keys, host, [0, 0x1c], card);
    let mac = scp02::Session::new(keys).mac_command(array("84820100"), &cryptogram);
    assert_eq!(
        hex::encode([cryptogram, mac].concat()),
        "079f403962f6ca28d06bd84078d9e3c2"
    );
}

/// A host's session under keys of its own, from published challenges.
fn host_session(
    credentials: &Credentials,
    level: &str,
    host: &str,
    answer: &str,
) -> (HostSession, String) {
    let protocol = credentials.protocol();
    let text = TermsText {
        protocol,
        transport_key: MASTER.to_owned(),
        diversification: super::Diversification::None,
        key_version: hex::encode_upper(&bytes(answer)[10..11]).parse().unwrap(),
        level: level.parse().unwrap(),
    };
    let terms = Terms::try_from(text).unwrap();
    let aid = Aid::parse("A0000005591010FFFFFFFF8900000100").unwrap();
    let opening = Opening::new(&terms, &aid, array(host));
    let answer = [bytes(answer), vec![0x90, 0x00]].concat();
    let (proving, command) = opening.answered_under(credentials, &answer).unwrap();
    let session = Proving::answered(proving, &[0x90, 0x00]).unwrap();
    (session, hex::encode(command))
}

/// Sends a command and gives an answer, both as published.
fn exchange(
    session: HostSession,
    plain: &str,
    wrapped: &str,
    answer: &str,
    heard: &str,
) -> HostSession {
    let (awaiting, sent) = session.wrap(&bytes(plain)).unwrap();
    assert_eq!(hex::encode(sent), wrapped.to_lowercase(), "{plain}");
    let (session, answer) = awaiting.answered(&bytes(answer)).unwrap();
    assert_eq!(hex::encode(&*answer.data), heard);
    session
}

/// pySim, `tests/unittests/test_globalplatform.py`: the trace of a card with SCP02 at level 01.
/// The option is none of a computable challenge for the trace does not say what was selected.
#[test]
fn scp02_trace_of_pysim() {
    let keys = ChannelKeys {
        enc: tdes("100102030405060708090a0b0c0d0e0f"),
        mac: tdes("101102030405060708090a0b0c0d0e0f"),
        dek: tdes("102102030405060708090a0b0c0d0e0f"),
    };
    let credentials = Credentials::Scp02(Scp02Option::I15, keys);
    let answer = "00000000000000000000700200016B4524ABEE7CF32EA3838BC148F3";
    let (session, command) = host_session(&credentials, "01", "40A62C37FA6304F8", answer);
    assert_eq!(command, "8482010010ba6961667737c5bcebece14c7d6a4376");
    // A key wrapped under the session's key: `PutKey_PSK_Test` of the same file.
    let secret = bytes("303132333435363738393a3b3c3d3e3f");
    assert_eq!(
        hex::encode(session.encrypt_sensitive(&secret).unwrap()),
        "15abf1fe16ccc5aa13743394442942cd"
    );
    let commands = [
        ("80F22002", "84F220020814DB34FA4341DCA8"),
        ("80ca006600", "84CA00660855ED7C5FF069512B00"),
        (
            "80F220020a4f0212345c054f9f70c5",
            "84F22002124F0212345C054F9F70C58FC1B380C4228AF8",
        ),
        ("80f28002024f0000", "84F280020A4F003B95F09317DE6A4E00"),
    ];
    commands.iter().fold(session, |session, (plain, wrapped)| {
        exchange(session, plain, wrapped, "9000", "")
    });
}

/// The tests of `scll-backend-rustcrypto` 1.0.5, `scp02_kat.rs`: levels 01 and 03, a wrapped key,
/// and answers with a MAC at level 13.
#[test]
fn scp02_sessions_of_scll() {
    let credentials = Credentials::Scp02(Scp02Option::I35, ChannelKeys::same(tdes(MASTER)));
    let answer = "0000000000000000000001020001\
                  08090a0b0c0d9d8da672f05c4e45";
    let open = |level| host_session(&credentials, level, "0001020304050607", answer);
    let (session, command) = open("01");
    assert_eq!(command, "8482010010e87e4c9e45c47f79ad804734ce044ffc");
    let wrapped = "84e600000d0102030405c846bea70ddcd2d8";
    exchange(session, "80e60000050102030405", wrapped, "9000", "");

    let (session, command) = open("03");
    assert_eq!(command, "8482030010e87e4c9e45c47f7937ba873e0e37b968");
    let secret = bytes("0f0e0d0c0b0a09080706050403020100");
    assert_eq!(
        hex::encode(session.encrypt_sensitive(&secret).unwrap()),
        "fac6d80e61620cf9e342b787b95afea4"
    );
    let wrapped = "84e60000106614336af48ec608a398d78a712fc7a1";
    let session = exchange(session, "80e60000050102030405", wrapped, "9000", "");
    let wrapped = "84e800001046c90c13f2f9216f53de2adce0e27621";
    exchange(session, "80e80000020102", wrapped, "9000", "");

    for (command, answer) in [
        ("80ca006e00", "9f7f2a4100b1377a5f0d699000"),
        ("80ca0066", "9f7f2a9f4939a75d4081049000"),
    ] {
        let (awaiting, _) = open("13").0.wrap(&bytes(command)).unwrap();
        let (_, answer) = awaiting.answered(&bytes(answer)).unwrap();
        assert_eq!(hex::encode(&*answer.data), "9f7f2a");
    }
}

fn aes_keys(size: usize) -> ChannelKeys<AesKey> {
    let key = |first: u8| {
        let bytes: Vec<u8> = (first..first + 16).cycle().take(size).collect();
        AesKey::new(&bytes).unwrap()
    };
    ChannelKeys {
        enc: key(0x00),
        mac: key(0x10),
        dek: key(0x20),
    }
}

/// What a card and pySim said to each other.
struct Trace {
    key: usize,
    level: &'static str,
    host: &'static str,
    answer: &'static str,
    authenticate: &'static str,
    get_eid: &'static str,
    eid: &'static str,
    cases: [&'static str; 4],
}

/// pySim, `tests/unittests/test_globalplatform.py`: traces of a card with SCP03, option 70, for
/// the three sizes of keys at levels 11, 03 and 33.
#[test]
fn scp03_traces_of_pysim() {
    for trace in &TRACES {
        let credentials = Credentials::Scp03(Scp03Option::I70, aes_keys(trace.key));
        let (session, command) = host_session(&credentials, trace.level, trace.host, trace.answer);
        assert_eq!(command, trace.authenticate);
        let eid = "bf3e125a1089882119900000000000000000000005";
        let answer = [trace.eid, "9000"].concat();
        let session = exchange(
            session,
            "80E2910006BF3E035C015A00",
            trace.get_eid,
            &answer,
            eid,
        );
        let plain = [
            "80F22002",
            "80ca006600",
            "80F220020a4f0212345c054f9f70c5",
            "80f28002024f0000",
        ];
        let cases = plain.iter().zip(&trace.cases);
        // Answers are not part of the traces; an error's has no MAC.
        cases.fold(session, |session, (plain, wrapped)| {
            exchange(session, plain, wrapped, "6a88", "")
        });
    }
}

/// The tests of `scll-backend-rustcrypto` 1.0.5, `scp03_kat.rs`: a computable card challenge,
/// cryptograms, and whole exchanges at levels 03, 13 and 33.
#[test]
fn scp03_sessions_of_scll() {
    let keys = ChannelKeys::same(AesKey::from_hex(MASTER).unwrap());
    let aid = Aid::parse("A000000151000000").unwrap();
    let challenge = scp03::card_challenge(&keys, [0, 0, 1], &aid);
    assert_eq!(hex::encode(challenge), "86c8bd65fa1044ee");

    let option = Scp03Option {
        challenge: super::Challenge::Random,
        ..Scp03Option::I70
    };
    let answer = "00000000000000000000010360\
                  08090a0b0c0d0e0f114f6bc5052c5228";
    for (level, authenticate, wrapped, heard) in [
        (
            "33",
            "8482330010fafa93c2ede62463cb51e38ec18eb00b",
            "84e6000018199dd7ff46730b64ac254c903ec573505c4291bb0b788746",
            "4c7f4e27e4f90aa7b13c60860f69fcd0989a968b68138d8e9000",
        ),
        (
            "13",
            "8482130010fafa93c2ede6246389a42cec80e1226c",
            "84e6000018199dd7ff46730b64ac254c903ec573501f8c45277cc91f5f",
            "00a40400e2d87fa5be9616ee9000",
        ),
        (
            "03",
            "8482030010fafa93c2ede6246363e5f7f00d7db617",
            "84e6000018199dd7ff46730b64ac254c903ec57350cecb2cdb11be6932",
            "00a404009000",
        ),
    ] {
        let credentials = Credentials::Scp03(option, keys.clone());
        let (session, command) = host_session(&credentials, level, "0001020304050607", answer);
        assert_eq!(command, authenticate);
        let secret = session.encrypt_sensitive(&bytes("0f0e0d0c0b0a09080706050403020100"));
        assert_eq!(
            hex::encode(secret.unwrap()),
            "fac3af9fb177982eaba2e63d9ef03986"
        );
        exchange(session, "80e60000050102030405", wrapped, heard, "00a40400");
    }
}

/// What the host finds published, the chip's side says.
#[test]
fn the_chip_answers_as_published() {
    let domain = CardDomain {
        credentials: Credentials::Scp02(Scp02Option::I35, ChannelKeys::same(tdes(MASTER))),
        key_version: "01".parse().unwrap(),
        key_data: KeyData([0; 10]),
    };
    let aid = Aid::parse("A000000151000000").unwrap();
    let (host, random) = (array("0001020304050607"), array("08090a0b0c0d0e0f"));
    let (challenged, answer) = domain.challenge(Counter::new(1), &aid, random, host);
    assert_eq!(
        hex::encode(answer),
        "000000000000000000000102000108090a0b0c0d9d8da672f05c4e45"
    );
    let authenticate = bytes("e87e4c9e45c47f7937ba873e0e37b968");
    let session = challenged
        .authenticate(array("84820300"), &authenticate)
        .unwrap();
    let data = bytes("6614336af48ec608a398d78a712fc7a1");
    let (_, plain) = session.command(array("84e60000"), &data).unwrap();
    assert_eq!(*plain, [1, 2, 3, 4, 5]);
}

#[test]
fn a_wrong_answer_opens_nothing() {
    let text = TermsText {
        protocol: "scp02-i15".parse().unwrap(),
        transport_key: MASTER.to_owned(),
        diversification: super::Diversification::None,
        key_version: "01".parse().unwrap(),
        level: "01".parse().unwrap(),
    };
    let terms = Terms::try_from(text).unwrap();
    let protocol = terms.protocol();
    let aid = Aid::parse("A000000151000000").unwrap();
    let answered = |answer: &str| {
        let opening = Opening::new(&terms, &aid, array("0001020304050607"));
        opening.answered(&bytes(answer)).unwrap_err()
    };
    let right = "0000000000000000000001020001\
                 08090a0b0c0d9d8da672f05c4e459000";
    assert_eq!(answered("6a88"), OpenError::Refused([0x6A, 0x88]));
    assert_eq!(answered("90"), OpenError::Malformed { protocol, found: 1 });
    let short = [&right[..54], "9000"].concat();
    assert_eq!(
        answered(&short),
        OpenError::Malformed {
            protocol,
            found: 29
        }
    );
    let other = right.replacen("0102", "0103", 1);
    assert_eq!(answered(&other), OpenError::Protocol { expected: protocol });
    let version = right.replacen("0102", "0202", 1);
    let expected = terms.key_version();
    assert_eq!(
        answered(&version),
        OpenError::KeyVersion { expected, found: 2 }
    );
    let cryptogram = right.replace("4e45", "4e46");
    assert_eq!(answered(&cryptogram), OpenError::Cryptogram);
    let mut text = TermsText::from(&terms);
    text.protocol = "scp02-i55".parse().unwrap();
    let computable = Terms::try_from(text).unwrap();
    let opening = Opening::new(&computable, &aid, array("0001020304050607"));
    assert_eq!(
        opening.answered(&bytes(right)).unwrap_err(),
        OpenError::Challenge
    );
}

const TRACES: [Trace; 9] = [
    Trace {
        key: 16,
        level: "11",
        host: "b13e5f938fc108c4",
        answer: "000000000000000000003003703eb51047495b249f66c484c1d2ef1948000002",
        authenticate: "84821100107d5f5826a993ebc89eea24957fa0b3ce",
        get_eid: "84e291000ebf3e035c015a558d036518a2829700",
        eid: "bf3e125a1089882119900000000000000000000005971be68992dbbdfa",
        cases: [
            "84f220020863a63f8959827fb2",
            "84ca006608a0c6a4a74166f7ce00",
            "84f22002124f0212345c054f9f70c52249b50272656536",
            "84f280020a4f00e91443f6dce6b8ed00",
        ],
    },
    Trace {
        key: 16,
        level: "03",
        host: "8e1552d0513c60f3",
        answer: "0000000000000000000030037030760cd2c47c1dd395065fe5ead8a9d7000001",
        authenticate: "8482030010fd4721a14d9b07003c451d2f8ae6bb21",
        get_eid: "84e2910018ca9c00f6713d79bc8baa642bdff51c3f6a4082d3bd9ad26c00",
        eid: "bf3e125a1089882119900000000000000000000005",
        cases: [
            "84f2200208c9811b11f1264cf1",
            "84ca006608e10ab60b3054798800",
            "84f22002184e2908bdb48b2315a55482e9e936ca122d6ecfae7d17416e",
            "84f28002180dd10a6b6193e5340b9e77d32d5a179cd710ac2773aefb2800",
        ],
    },
    Trace {
        key: 16,
        level: "33",
        host: "fdf38259a1e0de44",
        answer: "000000000000000000003003703b1aca81e821f219081cdc01c26b372d000003",
        authenticate: "84823300108c36f96bcc00724a4e13ad591d7da3f0",
        get_eid: "84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00",
        eid: "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb2e68f8a0144975b9",
        cases: [
            "84f2200208ac6a59024bed84cc",
            "84ca006608409912ad8fb7aed000",
            "84f22002185f3dafc3ac14c381536a488bf44e06d056df9d74dbd21e5a",
            "84f280021865165105be3373347d0424d4400af2ac393f569ec779389e00",
        ],
    },
    Trace {
        key: 24,
        level: "11",
        host: "7396430b768b085b",
        answer: "000000000000000000003103708cfc23522ffdbf1e5df5542cac8fd866000003",
        authenticate: "84821100102145ed30b146f5db252fb7e624cec244",
        get_eid: "84e291000ebf3e035c015aff42cf801d14394400",
        eid: "bf3e125a1089882119900000000000000000000005162fbd33e04940a9",
        cases: [
            "84f22002084584e4f6784811ee",
            "84ca006608937776ebe190fa3000",
            "84f22002124f0212345c054f9f70c59a52bddf3040368c",
            "84f280020a4f009804b11411f7393d00",
        ],
    },
    Trace {
        key: 24,
        level: "03",
        host: "69c65da8202bf19f",
        answer: "00000000000000000000310370b570a67be38446717729d6dd3d2ec5b1000001",
        authenticate: "848203001065df4f1a356a887905466516d9e5b7c1",
        get_eid: "84e2910018d2c6fb477c5d4afe4fd4d21f17eff10d3578ec1774a12a2d00",
        eid: "bf3e125a1089882119900000000000000000000005",
        cases: [
            "84f2200208964e188f0b1bb697",
            "84ca006608f0820035a41d3e1800",
            "84f220021806b076ed452cd1fa84f77f5c08a146aa77a9286757dea791",
            "84f2800218d06527e39222dce091fabdb8e9b898417a67a6852d3577db00",
        ],
    },
    Trace {
        key: 24,
        level: "33",
        host: "9b3f2eef0e8c9374",
        answer: "00000000000000000000310370f6bb305a15bae1a68f79fb08212fbed7000002",
        authenticate: "84823300109100bc22d58b45b86a26365ce39ff3cf",
        get_eid: "84e29100188f7f946c84f70d17994bc6e8791251bb1bb1bf02cf8de58900",
        eid: "c05176c1b6f72aae50c32cbee63b0e95998928fd4dfb2be9f27ffde8c8476f5909b4805cc4039599",
        cases: [
            "84f2200208d5d97754b6b3d2ba",
            "84ca006608516c82b8e30adbeb00",
            "84f2200218cc247f4761e6944277a4e0d6e32e44025b1e31537e2fc668",
            "84f2800218ba22b63d509bef5d093b43e5eaed03ed23144ab2d9cb51de00",
        ],
    },
    Trace {
        key: 32,
        level: "11",
        host: "11666d57866c6f54",
        answer: "0000000000000000000032037053ea8847efa7674e41498a4d66cf0dee000003",
        authenticate: "84821100102f2ad190eff2fafc4908996d1cebd310",
        get_eid: "84e291000ebf3e035c015af4b680372542b59d00",
        eid: "bf3e125a10898821199000000000000000000000058012dd7f01f1c4c1",
        cases: [
            "84f2200208d618b7da68d5fe52",
            "84ca0066088f3e055db23ad5e500",
            "84f22002124f0212345c054f9f70c5b6e15cc42404915e",
            "84f280020a4f00aa124aa74afe7f7500",
        ],
    },
    Trace {
        key: 32,
        level: "03",
        host: "c6066990fc426e1d",
        answer: "000000000000000000003203708682cd81bbd8919f2de3f2664581f118000001",
        authenticate: "848203001077c493b632edadaf865a1e64acc07ce9",
        get_eid: "84e29100183ddaa60594963befaada3525b492ede23c2ab2c1ce3afe4400",
        eid: "bf3e125a1089882119900000000000000000000005",
        cases: [
            "84f2200208480ddc8e419da38d",
            "84ca0066083e9d6a6c0b2d732000",
            "84f22002183ebfef2da8b04af2a85f491f299b76973df76ff08a4031be",
            "84f2800218783fff80990f5585b1055010ea95094a26e4a8f1ef4b18e100",
        ],
    },
    Trace {
        key: 32,
        level: "33",
        host: "97b2055fe58599fd",
        answer: "00000000000000000000320370a8439a22cedf045fa9f1903b2834f26e000002",
        authenticate: "8482330010508a0fd959d2e547c6b33154a6be2057",
        get_eid: "84e29100187a5ef717eaf1e135ae92fe54429d0e465decda65f5fe5aea00",
        eid: "ea90dbfa648a67c5eb6abc57f8530b97d0cd5647c5e8732016b55203b078dd2ace7f8bc5d1c1cd99",
        cases: [
            "84f2200208bcc5c17275545d93",
            "84ca00660804806aba9d543bb600",
            "84f2200218717222491556ec81a45f49ce48be33320024801a1c4cb0e0",
            "84f2800218561f105bccd3a1642904b251ccc1228beb80a82370a8637000",
        ],
    },
];
