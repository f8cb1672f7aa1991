//! Draws the curves: a panel for each request, sizes and times on logarithmic scales. The colours are
//! those of the page that shows it, light or dark. Must not depend on how the times were measured.

use std::fmt::Write as _;

/// One request.
pub struct Panel {
    pub title: &'static str,
    pub lines: Vec<Line>,
}

/// One database.
pub struct Line {
    pub name: &'static str,
    /// Stored messages, and milliseconds.
    pub points: Vec<(i64, f64)>,
}

const COLUMNS: usize = 3;
/// A panel with its margins, and the plot in it.
const PANEL: (f64, f64) = (300.0, 200.0);
const PLOT: (f64, f64) = (230.0, 120.0);
const PLOT_AT: (f64, f64) = (50.0, 40.0);
/// The powers of ten of the scales: 1,000 to 10 million, 0.1 ms to 100 ms.
const SIZES: (i32, i32) = (3, 7);
const TIMES: (i32, i32) = (-1, 2);

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:13px}\
    .g{stroke:#d0d7de;stroke-width:1}polyline{fill:none;stroke-width:2}.a{stroke:#0969da}.b{stroke:#bc4c00}\
    circle.a{fill:#0969da}circle.b{fill:#bc4c00}.s{fill:#57606a;font-size:11px}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}.g{stroke:#30363d}.a{stroke:#58a6ff}.b{stroke:#f0883e}\
    circle.a{fill:#58a6ff}circle.b{fill:#f0883e}.s{fill:#9198a1}}";

#[expect(clippy::cast_precision_loss, reason = "a handful of panels")]
pub fn svg(panels: &[Panel]) -> String {
    let rows = panels.len().div_ceil(COLUMNS);
    let (width, height) = (PANEL.0 * COLUMNS as f64, PANEL.1 * rows as f64 + 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\
         <title>Median latency by the number of stored messages and contacts</title><style>{STYLE}</style>"
    );
    for (place, panel) in panels.iter().enumerate() {
        let at = (PANEL.0 * (place % COLUMNS) as f64, PANEL.1 * (place / COLUMNS) as f64);
        let _ = write!(svg, "<g transform=\"translate({} {})\">", at.0, at.1);
        draw(&mut svg, panel);
        svg.push_str("</g>");
    }
    let mut x = PLOT_AT.0;
    for (line, class) in panels.first().into_iter().flat_map(|panel| &panel.lines).zip(["a", "b"]) {
        let (y, name) = (height - 14.0, line.name);
        let _ = write!(
            svg,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{}\" r=\"4\"/><text x=\"{}\" y=\"{y}\">{name}</text>",
            y - 4.0,
            x + 10.0
        );
        x += 110.0;
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, panel: &Panel) {
    let (left, top) = PLOT_AT;
    let _ =
        write!(svg, "<text class=\"t\" x=\"{left}\" y=\"{}\">{}</text>", top - 16.0, panel.title);
    for power in TIMES.0..=TIMES.1 {
        let y = time_at(10_f64.powi(power));
        let label = ["0.1 ms", "1 ms", "10 ms", "100 ms"]
            .get(usize::try_from(power - TIMES.0).unwrap_or_default())
            .unwrap_or(&"");
        let _ = write!(
            svg,
            "<line class=\"g\" x1=\"{left}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"s\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            left + PLOT.0,
            left - 6.0,
            y + 4.0
        );
    }
    for power in SIZES.0..=SIZES.1 {
        let label = ["1 k", "10 k", "100 k", "1 M", "10 M"]
            .get(usize::try_from(power - SIZES.0).unwrap_or_default())
            .unwrap_or(&"");
        let _ = write!(
            svg,
            "<text class=\"s\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            size_at(10_f64.powi(power)),
            top + PLOT.1 + 16.0
        );
    }
    for (line, class) in panel.lines.iter().zip(["a", "b"]) {
        let points: Vec<(f64, f64)> = line.points.iter().map(|point| position(*point)).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", path.join(" "));
        for (x, y) in points {
            let _ = write!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most ten million")]
fn position((size, time): (i64, f64)) -> (f64, f64) {
    (size_at(size as f64), time_at(time))
}

fn size_at(size: f64) -> f64 {
    PLOT_AT.0 + PLOT.0 * share(size, SIZES)
}

fn time_at(time: f64) -> f64 {
    PLOT_AT.1 + PLOT.1 * (1.0 - share(time, TIMES))
}

/// Where a value lies between two powers of ten.
fn share(value: f64, (least, most): (i32, i32)) -> f64 {
    let share = (value.log10() - f64::from(least)) / f64::from(most - least);
    share.clamp(0.0, 1.0)
}
