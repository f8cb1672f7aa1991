//! Placeholder names for contacts without a name: an adjective, a noun and a number.

use belfry_domain::Rng;

const ADJECTIVES: [&str; 32] = [
    "amber", "bold", "brisk", "calm", "clear", "cosy", "crisp", "early", "fair", "fresh", "gentle",
    "golden", "green", "hazy", "keen", "kind", "light", "lively", "lucky", "mellow", "merry",
    "misty", "quick", "quiet", "rapid", "silver", "snowy", "soft", "sunny", "swift", "warm",
    "wild",
];
const NOUNS: [&str; 32] = [
    "bay", "birch", "breeze", "brook", "cedar", "cliff", "cloud", "coast", "dawn", "dune", "fern",
    "field", "fjord", "forest", "harbour", "hill", "island", "lake", "leaf", "maple", "meadow",
    "moon", "peak", "pine", "rain", "river", "sea", "shore", "spring", "star", "stone", "valley",
];

/// A random name, such as `misty-fjord-482`.
pub(super) fn random(rng: &dyn Rng) -> String {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    let [adjective, noun, high, low] = bytes;
    let word = |words: &[&'static str; 32], byte: u8| {
        words.get(usize::from(byte % 32)).copied().unwrap_or("new")
    };
    format!(
        "{}-{}-{}",
        word(&ADJECTIVES, adjective),
        word(&NOUNS, noun),
        u16::from_be_bytes([high, low]) % 1_000
    )
}

/// Whether a name was generated here.
pub(super) fn is_placeholder(name: &str) -> bool {
    let mut parts = name.split('-');
    let is_in =
        |words: &[&str; 32], part: Option<&str>| part.is_some_and(|part| words.contains(&part));
    is_in(&ADJECTIVES, parts.next())
        && is_in(&NOUNS, parts.next())
        && parts.next().is_some_and(|part| part.parse::<u16>().is_ok())
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::SystemRng;

    #[test]
    fn name_is_two_words_and_a_number() {
        for _ in 0..100 {
            let name = random(&SystemRng);
            let parts: Vec<&str> = name.split('-').collect();
            assert!(
                parts.len() == 3 && ADJECTIVES.contains(&parts[0]) && NOUNS.contains(&parts[1]),
                "{name}"
            );
            assert!(parts[2].parse::<u16>().is_ok_and(|number| number < 1_000), "{name}");
            assert!(is_placeholder(&name));
        }
        for given in [
            "",
            "Ann",
            "Ann-Marie",
            "misty-fjord",
            "misty-fjord-x",
            "misty-fjord-1-2",
            "misty-ann-1",
        ] {
            assert!(!is_placeholder(given), "{given}");
        }
    }
}
