//! Words: a spelling of 128 bits of entropy, and nothing more (page 2).
//!
//! In: randomness, or a sentence of twelve words in any supported language. Out: the [`Entropy`],
//! its spelling in any language, and its [`Seed`], which is always computed from the English
//! spelling: exporting in Chinese and restoring gives the same account. Start at
//! [`Entropy::parse`].
//!
//! The simplified and the traditional list share 1275 characters, each at the same place in both
//! (a test holds that), so a sentence that is a sentence of both means the same in both.

use crate::derive::AccountKeys;
use bip39::Mnemonic;
use rand_core::CryptoRng;
use std::{borrow::Cow, fmt};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Words in a sentence.
pub const WORDS: usize = 12;
/// Bytes of text that [`Entropy::parse`] looks at: twelve words of eight full-width letters, and
/// generous room between them.
pub const SENTENCE_BYTES: usize = 1_024;

/// A language with a list of 2048 words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, the one the seed is computed from.
    English,
    /// Chinese in simplified characters.
    SimplifiedChinese,
    /// Chinese in traditional characters.
    TraditionalChinese,
}

impl Language {
    /// All of them, in the order in which a sentence is tried.
    pub const ALL: [Self; 3] = [Self::English, Self::SimplifiedChinese, Self::TraditionalChinese];

    /// Returns the language that a language code of the API names, or nothing: `en`, `zh` or `cn`,
    /// `zh_CN`, `zh-Hans`, `zh_TW`, `zh-Hant` and their regions, in any case.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code.to_ascii_lowercase().replace('_', "-").as_str() {
            "en" | "en-us" | "en-gb" => Self::English,
            "zh" | "cn" | "zh-cn" | "zh-sg" | "zh-hans" | "zh-hans-cn" => Self::SimplifiedChinese,
            "zh-tw" | "zh-hk" | "zh-mo" | "zh-hant" | "zh-hant-tw" => Self::TraditionalChinese,
            _ => return None,
        })
    }

    const fn list(self) -> bip39::Language {
        match self {
            Self::English => bip39::Language::English,
            Self::SimplifiedChinese => bip39::Language::SimplifiedChinese,
            Self::TraditionalChinese => bip39::Language::TraditionalChinese,
        }
    }
}

/// Why a text is no sentence. Names places, never words: an error may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MnemonicError {
    /// The text is too long to be a sentence; nothing of it was read.
    #[error("{0} bytes, a sentence has at most {SENTENCE_BYTES}")]
    TooLong(usize),
    /// There are not twelve words.
    #[error("{0} words, a sentence has {WORDS}")]
    WordCount(usize),
    /// A word is not in the list; the place counts from 1.
    #[error("word {0} is in no word list")]
    UnknownWord(usize),
    /// Every word is in the list, but together they are no sentence: one is wrong or misplaced.
    #[error("the words do not belong together: one is wrong or misplaced")]
    Checksum,
}

/// The 128 secret bits an account is made of.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Entropy([u8; 16]);

impl Entropy {
    /// Returns the entropy of a new account.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut entropy = Self([0; 16]);
        rng.fill_bytes(&mut entropy.0);
        entropy
    }

    /// Returns the entropy with these bytes; the caller wipes its own copy.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the secret bytes, to be sealed and nothing else.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the entropy that a sentence in any supported language spells.
    ///
    /// Case, kind and number of spaces (the ideographic one too) and full-width letters do not
    /// matter; Chinese words need no space between them. Errors: [`MnemonicError`], that of the
    /// language which understood the most.
    pub fn parse(text: &str) -> Result<Self, MnemonicError> {
        let words = normalize(text)?;
        let mut error = MnemonicError::UnknownWord(0);
        for language in Language::ALL {
            match Self::read(&words, language) {
                Ok(entropy) => return Ok(entropy),
                Err(MnemonicError::UnknownWord(place)) => {
                    if matches!(error, MnemonicError::UnknownWord(best) if best < place) {
                        error = MnemonicError::UnknownWord(place);
                    }
                }
                Err(other) => error = other,
            }
        }
        Err(error)
    }

    /// Returns the entropy that a sentence spells in one language. Errors: [`MnemonicError`].
    pub fn parse_in(text: &str, language: Language) -> Result<Self, MnemonicError> {
        Self::read(&normalize(text)?, language)
    }

    fn read(words: &str, language: Language) -> Result<Self, MnemonicError> {
        let mnemonic =
            Mnemonic::parse_in_normalized(language.list(), words).map_err(|error| match error {
                bip39::Error::UnknownWord(index) => MnemonicError::UnknownWord(index + 1),
                bip39::Error::BadWordCount(count) => MnemonicError::WordCount(count),
                bip39::Error::InvalidChecksum
                | bip39::Error::BadEntropyBitCount(_)
                | bip39::Error::AmbiguousLanguages(_) => MnemonicError::Checksum,
            })?;
        let (mut bytes, _) = mnemonic.to_entropy_array();
        let mut entropy = Self([0; 16]);
        entropy.0.copy_from_slice(&bytes[..16]);
        bytes.zeroize();
        Ok(entropy)
    }

    /// Returns the twelve words, with one space between any two.
    pub fn spell(&self, language: Language) -> Zeroizing<String> {
        // Room for twelve words of eight letters, so that growing leaves no copy behind.
        let mut sentence = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in self.mnemonic(language).words() {
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(word);
        }
        sentence
    }

    /// Returns the seed: BIP-39's PBKDF2 over the English sentence, with an empty passphrase.
    pub fn seed(&self) -> Seed {
        Seed(self.mnemonic(Language::English).to_seed_normalized(""))
    }

    /// Returns the account's keys, each of which is derived when it is asked for.
    pub fn keys(&self) -> AccountKeys {
        AccountKeys::new(self.seed())
    }

    fn mnemonic(&self, language: Language) -> Mnemonic {
        Mnemonic::from_entropy_in(language.list(), &self.0)
            .expect("128 bits are a length of BIP-39")
    }
}

impl ConstantTimeEq for Entropy {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// The 64 secret bytes that every key of an account is derived from.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 64]);

impl Seed {
    /// Returns the secret bytes, to derive keys and nothing else.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// Returns the words of a text in lower case and NFKD with one space between any two.
fn normalize(text: &str) -> Result<Zeroizing<String>, MnemonicError> {
    if text.len() > SENTENCE_BYTES {
        return Err(MnemonicError::TooLong(text.len()));
    }
    let mut cow = Cow::Borrowed(text);
    Mnemonic::normalize_utf8_cow(&mut cow);
    let plain = Zeroizing::new(cow.into_owned());
    // Twice the bytes: a space after every character at most. Growing would leave a copy behind.
    let mut words = Zeroizing::new(String::with_capacity(2 * plain.len()));
    let mut count = 0;
    let mut inside = false;
    for c in plain.chars() {
        if c.is_whitespace() {
            inside = false;
            continue;
        }
        // Outside ASCII every character is a word: Chinese is written without spaces.
        if !inside || !c.is_ascii() {
            if count > 0 {
                words.push(' ');
            }
            count += 1;
        }
        inside = c.is_ascii();
        words.push(c.to_ascii_lowercase());
    }
    if count == WORDS { Ok(words) } else { Err(MnemonicError::WordCount(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENGLISH: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                           abandon abandon about";

    fn parse(text: &str) -> Result<[u8; 16], MnemonicError> {
        Entropy::parse(text).map(|e| *e.as_bytes())
    }

    #[test]
    fn golden_bip39_vectors() {
        assert_eq!(parse(ENGLISH), Ok([0; 16]));
        assert_eq!(*Entropy::from_bytes([0; 16]).spell(Language::English), ENGLISH);
        // The first vector of BIP-39, whose passphrase is "TREZOR", as a test of the library.
        let mnemonic = Mnemonic::from_entropy(&[0; 16]).unwrap();
        assert!(
            hex::encode(mnemonic.to_seed_normalized("TREZOR"))
                .starts_with("c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553")
        );
        assert_eq!(
            hex::encode(Entropy::from_bytes([0; 16]).seed().as_bytes()),
            "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1\
             9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
        );
        assert_eq!(
            *Entropy::from_bytes([0x7f; 16]).spell(Language::SimplifiedChinese),
            "枪 疫 霉 尝 俩 闹 饿 贤 枪 疫 霉 卿"
        );
        assert_eq!(
            *Entropy::from_bytes([0x7f; 16]).spell(Language::TraditionalChinese),
            "槍 疫 黴 嘗 倆 鬧 餓 賢 槍 疫 黴 卿"
        );
    }

    #[test]
    fn spaces_case_and_width_do_not_matter() {
        let wide: String = ENGLISH
            .chars()
            .map(|c| if c == ' ' { '\u{3000}' } else { char::from_u32(c as u32 + 0xfee0).unwrap() })
            .collect();
        for text in
            [ENGLISH.to_uppercase(), format!("\n {}\t", ENGLISH.replace(' ', " \u{3000} ")), wide]
        {
            assert_eq!(parse(&text), Ok([0; 16]), "{text}");
        }
        for text in ["枪疫霉尝俩闹饿贤枪疫霉卿", "槍\u{3000}疫 黴嘗 倆 鬧餓賢 槍疫黴卿\n"]
        {
            assert_eq!(parse(text), Ok([0x7f; 16]), "{text}");
        }
    }

    #[test]
    fn errors_name_the_place_and_never_the_word() {
        assert_eq!(parse(""), Err(MnemonicError::WordCount(0)));
        assert_eq!(parse("abandon about"), Err(MnemonicError::WordCount(2)));
        assert_eq!(parse(&format!("{ENGLISH} about")), Err(MnemonicError::WordCount(13)));
        // Fifteen words are a sentence of BIP-39, but none of ours.
        let fifteen = Mnemonic::from_entropy(&[0; 20]).unwrap().to_string();
        assert_eq!(parse(&fifteen), Err(MnemonicError::WordCount(15)));
        assert_eq!(parse(&ENGLISH.replace("about", "abandon")), Err(MnemonicError::Checksum));
        let unknown = Entropy::parse(&ENGLISH.replace("about", "geheim")).unwrap_err();
        assert_eq!(unknown, MnemonicError::UnknownWord(12));
        assert!(!format!("{unknown} {unknown:?}").contains("geheim"));
        assert_eq!(parse("枪疫霉尝俩闹饿贤枪x疫霉"), Err(MnemonicError::UnknownWord(10)));
        assert_eq!(parse(&" ".repeat(1_025)), Err(MnemonicError::TooLong(1_025)));
    }

    #[test]
    fn parse_in_reads_one_language_alone() {
        assert!(Entropy::parse_in(ENGLISH, Language::English).is_ok());
        assert_eq!(
            Entropy::parse_in(ENGLISH, Language::SimplifiedChinese).unwrap_err(),
            MnemonicError::UnknownWord(1)
        );
    }

    #[test]
    fn characters_in_both_chinese_lists_stand_at_the_same_place() {
        let simplified = Language::SimplifiedChinese.list().word_list();
        let traditional = Language::TraditionalChinese.list();
        let mut shared = 0;
        for (index, word) in simplified.iter().enumerate() {
            if let Some(other) = traditional.find_word(word) {
                assert_eq!(usize::from(other), index);
                shared += 1;
            }
        }
        assert_eq!(shared, 1_275);
    }

    #[test]
    fn language_codes() {
        for (code, language) in [
            ("en", Some(Language::English)),
            ("zh", Some(Language::SimplifiedChinese)),
            ("cn", Some(Language::SimplifiedChinese)),
            ("zh_CN", Some(Language::SimplifiedChinese)),
            ("zh-Hans", Some(Language::SimplifiedChinese)),
            ("zh_TW", Some(Language::TraditionalChinese)),
            ("zh-Hant", Some(Language::TraditionalChinese)),
            ("", None),
            ("fr", None),
        ] {
            assert_eq!(Language::from_code(code), language, "{code}");
        }
    }

    #[test]
    fn debug_shows_no_byte() {
        let entropy = Entropy::from_bytes([0xab; 16]);
        assert_eq!(format!("{entropy:?} {:?}", entropy.seed()), "Entropy(..) Seed(..)");
    }

    proptest! {
        #[test]
        fn every_entropy_restores_from_every_language(bytes: [u8; 16]) {
            for language in Language::ALL {
                let sentence = Entropy::from_bytes(bytes).spell(language);
                prop_assert_eq!(sentence.split(' ').count(), WORDS);
                prop_assert_eq!(parse(&sentence), Ok(bytes));
                prop_assert_eq!(*Entropy::parse_in(&sentence, language).unwrap().as_bytes(), bytes);
            }
        }

        #[test]
        fn random_texts_never_panic(text in ".{0,300}", words in "([a-z一-龥ﷺ]{1,8}[ \u{3000}]){12}") {
            let _ = Entropy::parse(&text);
            let _ = Entropy::parse(&words);
        }
    }
}
