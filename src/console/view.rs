//! Components of pages. They take values and render HTML; all text is escaped, that of text areas
//! in `field.rs`.

mod chart;
mod code;
mod field;
mod page;
mod parts;
mod time;

pub(super) use chart::{Chart, ChartPoint, grouped};
pub(super) use code::CodeBlock;
pub(super) use field::{Checkbox, Errors, Field, Select, TextArea, token};
pub(super) use page::{Page, fault, fragment, outside, page, page_with};
pub(super) use parts::{Badge, Button, Confirm, CopyField, EmptyState, Pager, Stat, Table, Tabs, Tone};
pub(super) use time::{ZONE_FIELD, ago, date, date_text, field_moment, language, moment, zone_field, zone_name, zone_of, zone_options, zoned};
