//! The shop's products and orders.

/// A product.
#[derive(Debug, PartialEq, Eq)]
pub struct Product {
    /// Its path segment, and the name of its picture.
    pub slug: &'static str,
    /// Its name.
    pub name: &'static str,
    /// A short subtitle.
    pub kind: &'static str,
    /// Price in euros.
    pub price: u32,
    /// Price before the sale.
    pub former_price: Option<u32>,
    /// Two or three sentences.
    pub description: &'static str,
    /// A list of facts.
    pub facts: [&'static str; 3],
}

/// All products.
pub const PRODUCTS: [Product; 8] = [
    Product {
        slug: "lamp",
        name: "Halo lamp",
        kind: "Table lamp, spun steel",
        price: 129,
        former_price: None,
        description: "A warm circle of light for the end of the day. The shade is spun from one sheet of steel, and the cord pull answers with a soft click.",
        facts: ["Height 42 cm", "2,700 K, dims to a glow", "Shade in fern green"],
    },
    Product {
        slug: "mug",
        name: "Tide mug",
        kind: "Stoneware, 320 ml",
        price: 24,
        former_price: None,
        description: "Thrown in Porto and dipped by hand, so that no two waves are alike. The handle has room for three fingers, as it should.",
        facts: ["320 ml", "Dishwasher and microwave safe", "Each one signed"],
    },
    Product {
        slug: "planter",
        name: "Moss planter",
        kind: "Terracotta, with plant",
        price: 38,
        former_price: None,
        description: "Unglazed clay that breathes, with a peace lily that forgives. Forget it for a week and it will still be on your side.",
        facts: ["Ø 22 cm", "Saucer included", "Likes half shade"],
    },
    Product {
        slug: "slippers",
        name: "Felt slippers",
        kind: "Wool felt, leather sole",
        price: 42,
        former_price: Some(56),
        description: "Boiled wool from small flocks, pressed and stitched. Warm in January, airy in June, silent at midnight.",
        facts: ["Sizes 36 to 46", "Can be resoled", "In plum"],
    },
    Product {
        slug: "speaker",
        name: "Pebble speaker",
        kind: "Bluetooth, cork and clay",
        price: 89,
        former_price: None,
        description: "It looks like something you brought home from a beach and sounds like a much larger room.",
        facts: ["14 hours of music", "Battery can be changed", "One button"],
    },
    Product {
        slug: "throw",
        name: "Amber throw",
        kind: "Washed linen, 130 × 180 cm",
        price: 68,
        former_price: Some(85),
        description: "Heavy enough to feel like a hug, light enough for August. It grows softer with every wash.",
        facts: ["100 % linen", "Woven in Lviv", "Wash at 40 °C"],
    },
    Product {
        slug: "stool",
        name: "Perch stool",
        kind: "Solid oak",
        price: 77,
        former_price: Some(110),
        description: "A seat, a bedside table, a step to the top shelf. Four legs, no screws, and a top that likes to be touched.",
        facts: ["Height 45 cm", "Oiled oak", "We plant a tree for each"],
    },
    Product {
        slug: "bell",
        name: "Brass bell",
        kind: "Cast brass, 340 g",
        price: 31,
        former_price: None,
        description: "For dinner, for good news, for getting everyone off their phones. Its note is a clear A.",
        facts: ["Height 11 cm", "Cast in sand", "Never needs charging"],
    },
];

/// Finds a product by slug.
pub fn product(slug: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.slug == slug)
}

/// An order.
#[derive(Debug)]
pub struct Order {
    /// Its number.
    pub number: &'static str,
    /// Id of the visitor who placed it.
    pub visitor: &'static str,
    /// Slugs of the ordered products.
    pub products: &'static [&'static str],
    /// Number of completed [`STEPS`].
    pub completed_steps: usize,
    /// Current state, in a sentence.
    pub status: &'static str,
}

/// Steps of an order.
pub const STEPS: [&str; 4] = ["Ordered", "Packed", "On its way", "Delivered"];

const ORDERS: [Order; 3] = [
    Order {
        number: "1038",
        visitor: "anna",
        products: &["throw"],
        completed_steps: 4,
        status: "Delivered two weeks ago. We hope it is warm.",
    },
    Order {
        number: "1042",
        visitor: "anna",
        products: &["lamp", "mug"],
        completed_steps: 3,
        status: "With the courier. Expect it tomorrow between 9 and 12.",
    },
    Order {
        number: "1043",
        visitor: "olena",
        products: &["speaker"],
        completed_steps: 4,
        status: "Waiting for you at the pick-up point. The code is 4815.",
    },
];

/// A visitor's order; `None` for the order of another visitor.
pub fn order(number: &str, visitor: &str) -> Option<&'static Order> {
    ORDERS.iter().find(|order| order.number == number && order.visitor == visitor)
}

/// A visitor's orders.
pub fn orders(visitor: &str) -> impl Iterator<Item = &'static Order> {
    ORDERS.iter().filter(move |order| order.visitor == visitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_owners_and_known_products() {
        assert!(order("1042", "anna").is_some());
        assert!(order("1042", "olena").is_none());
        assert!(ORDERS.iter().flat_map(|order| order.products).all(|slug| product(slug).is_some()));
        assert!(ORDERS.iter().all(|order| order.completed_steps <= STEPS.len()));
    }
}
