//! What pages are made of. Views take what they show and give HTML; all text is escaped, that of a text area by our own hand.

mod chart;
mod code;
mod field;
mod page;
mod parts;
mod time;

pub(super) use chart::Chart;
pub(super) use code::CodeBlock;
pub(super) use field::{Checkbox, Errors, Field, Select, TextArea, token};
pub(super) use page::{Page, fault, fragment, outside, page, page_with};
pub(super) use parts::{Badge, Button, Confirm, CopyField, EmptyState, Pager, Stat, Table, Tabs, Tone};
pub(super) use time::{ago, date, date_text, moment};
