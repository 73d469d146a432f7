//! Published vectors: two answers of a card of a real scheme, with its certificates.
//!
//! Values from the tests `dda_test.c` and `cda_test.c` of emv-tools (Dmitry Eremin-Solenikov), as
//! proxmark3 carries them.

use super::certificate::{Certificate, recover_card, recover_issuer};
use super::signature::{recover, transaction_hash};
use super::{Authority, Check, Exponent, Fault, PublicKey, Rid, Whose};
use crate::pan::Pan;

const AUTHORITY: &str = "\
    B8048ABC30C90D976336543E3FD7091C8FE4800DF820ED55E7E94813ED00555B\
    573FECA3D84AF6131A651D66CFF4284FB13B635EDD0EE40176D8BF04B7FD1C7B\
    ACF9AC7327DFAA8AA72D10DB3B8E70B2DDD811CB4196525EA386ACC33C0D9D45\
    75916469C4E4F53E8E1C912CC618CB22DDE7C3568E90022E6BBA770202E4522A\
    2DD623D180E215BD1D1507FE3DC90CA310D27B3EFCCD8F83DE3052CAD1E48938\
    C68D095AAC91B5F37E28BB49EC7ED597";

const ISSUER: &str = "\
    1714284F763B8586EE6D319951F7E63FA25076E50DC9D3200BA998D3A052ADBA\
    9AB69AC6AD6ADD3CE09F0278F4074EC4EE9B1D2268A3E953575E454E50CD860B\
    F424C51C597712D2AA057089DD8673E51B1E1D7188034892077AC18A6AE23488\
    BEA9DF3B1A83F2C0800CD7C5CDF2FDE0496F7BC39FB4BF363299BFA637B2EC33\
    C507E36821EEC2075F0E420D38A1C9F3127261BA316C987674FADB20EA7FEB75\
    EE455D12146EA6F02E8B01EC2FA7A115";

const ISSUER_REMAINDER: &str = "\
    6E63B7BC70ABDD09341B34C03286BA9BD83BA7936C5B7798FB22C5E53FF240A2\
    6DBD6415";

const CARD: &str = "\
    A42FBEB156B98DCB0554DA062ADCA5309A91F04FA2C7BD7102A8D73F16A3CFAD\
    E8AADF4F3FE2A2125CCDD77C6B9F78B5B4371CE0805725B0F9C027AF147D91E1\
    FFDB201E9C170CE777053A172AD526DCAFD33895E1A947305C5B167F2E7C6F99\
    1581A652EE473154760C2ED774214E50DFECDD4CF294C974B89EBCA25B5AB3C0\
    BEB50DFAF782AFDE1433D90CA2A89D651E75D67EBC7C3E36F5A165EE61326129\
    39C1ECD399E46074B996D93A88E01E0A";

const STATIC_DATA: &str = "\
    5F25031405015F24031506305A0852858812543456535F3401018E0C00000000\
    000000001E031F039F0702FF009F0D05BC50BC00009F0E0500000000009F0F05\
    BC70BC98009F4A01825F280206438C219F02069F03069F1A0295055F2A029A03\
    9C019F37049F35019F45029F4C089F34038D0C910A8A0295059F37049F4C08\
    3900";

const DYNAMIC: &str = "\
    3D87F31056102D2512CFDE30900627C1263A76D1DAA821F50831E606C54544C2\
    58131EAEBE874DCB1A28CF82D3FF91118260BC91113711D3B289FA41BE69C7A7\
    B5C783E6F8F97FCE13F08B13FA44183E3718CEBF0C41473D2B0FF4DE44B6A02D\
    75ADB6D4962393FFDF4E69026CDF38FF";

const COMBINED: &str = "\
    1C009FC48679157DBFF45F65D33FF78D4FCBF0CF5EA4208D107AE95AA38C546D\
    0E5A18B87403A12BD447A8BBFC1E49CE0B2E251389205703C9BB1A88CC79F1DD\
    C2F9841EADF07CE07B62511DDC93DF59F28F0E91F92332D29CDEF2BCCB100885\
    0500EF3E470A4CB18CD91AA5C1A108F3";

/// The answer to the list of tag 8C, and the card's answer without its signature.
const LIST: &str = "\
    000000000000000000000000064300000000000643140925501234577923000000000000000000001E0300";
const ANSWER: &str = "9F2701409F360200109F10120010904001220000000000000000000000FF";

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn authority() -> PublicKey {
    PublicKey::new(&hex(AUTHORITY), Exponent::Three).unwrap()
}

fn certificates() -> [Certificate; 2] {
    [(ISSUER, ISSUER_REMAINDER), (CARD, "")].map(|(signed, remainder)| Certificate {
        signed: hex(signed),
        remainder: hex(remainder),
        exponent: Exponent::Three,
    })
}

fn pan() -> Pan {
    Pan::parse("5285881254345653").unwrap()
}

fn card_key() -> PublicKey {
    let [issuer, card] = certificates();
    let (issuer, _) = recover_issuer(&authority(), &issuer, &pan()).unwrap();
    let (card, note) = recover_card(&issuer, &card, &pan(), &hex(STATIC_DATA)).unwrap();
    assert_eq!(note.expires.yymm(), "1506");
    card
}

#[test]
fn the_published_check_sum_of_the_authority() {
    let authority = Authority {
        rid: Rid([0xA0, 0, 0, 0, 4]),
        index: 5,
        key: authority(),
    };
    let sum = hex::encode_upper(authority.check_sum());
    assert_eq!(sum, "EBFA0D5D06D8CE702DA3EAE890701D45E274C845");
}

#[test]
fn the_card_answers_internal_authenticate() {
    let data = recover(&card_key(), &hex(DYNAMIC), &[0; 4]).unwrap();
    assert_eq!((data.number.len(), data.combined), (8, None));
    let other = recover(&card_key(), &hex(DYNAMIC), &[1, 0, 0, 0]);
    assert_eq!(other, Err(Fault::Signature(Check::Hash)));
}

#[test]
fn the_card_signs_its_cryptogram() {
    let data = recover(&card_key(), &hex(COMBINED), &hex("12345779")).unwrap();
    let combined = data.combined.unwrap();
    assert_eq!((data.number.len(), combined.information), (8, 0x40));
    let hash = transaction_hash(&[&hex(LIST)], &hex(ANSWER));
    assert_eq!(combined.transaction, hash);
}

#[test]
fn other_data_and_other_numbers_are_found() {
    let [issuer, card] = certificates();
    let other = Pan::parse("5185881254345653").unwrap();
    let found = recover_issuer(&authority(), &issuer, &other);
    assert_eq!(found, Err(Fault::Subject(Whose::Issuer)));
    let (issuer, _) = recover_issuer(&authority(), &issuer, &pan()).unwrap();
    let other = Pan::parse("5285881254345661").unwrap();
    let found = recover_card(&issuer, &card, &other, &hex(STATIC_DATA));
    assert_eq!(found, Err(Fault::Subject(Whose::Card)));
    let found = recover_card(&issuer, &card, &pan(), &hex(STATIC_DATA)[1..]);
    assert_eq!(found, Err(Fault::Certificate(Whose::Card, Check::Hash)));
}
