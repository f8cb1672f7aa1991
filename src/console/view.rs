//! Components of pages. They take values and render HTML; all text is escaped, that of text areas
//! in `field.rs`.

mod chart;
mod code;
mod components;
mod field;
mod page;
mod timestamp;

pub(super) use chart::{Chart, ChartPoint, grouped, grouped_count};
pub(super) use code::CodeBlock;
pub(super) use components::{
    Badge, Button, Confirm, CopyField, EmptyState, Pager, Stat, Table, Tabs, Tone,
};
pub(super) use field::{Checkbox, Errors, Field, Select, TextArea, csrf_field};
pub(super) use page::{Page, cross_site_page, error_page, fragment, page, page_with};
pub(super) use timestamp::{
    ZONE_FIELD, date, date_text, field_moment, language, relative_time, relative_time_at,
    zone_field, zone_name, zone_of, zone_options, zoned,
};
