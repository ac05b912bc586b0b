//! The pictures of the cover: the month's money by clause, by department, and beside earlier months. Each is drawn from
//! the small table next to it, so whoever doubts a picture can read its numbers.
//!
//! One colour and no legend: what is dark is said in the title, and it is told from the rest in black and white too.

use super::{
    Which, direction, filled,
    rewards::category_of,
    rule_name,
    sheet::{ROW_PIXELS, Sheet},
    state, state_word,
    style::{Column, FONT, Look, wrapped},
};
use crate::{
    base::money::Fen,
    report::{Report, words::word},
    rules::{Direction, RULES},
    schema::findings::{Finding, Status},
};
use anyhow::Result;
use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartDataLabel, ChartFont, ChartLine, ChartSeries, ChartType, Color, ObjectMovement,
};
use std::collections::BTreeMap;

/// So many bars are shown, then one for all others.
const BARS: usize = 10;
/// A picture beside a table is at least so many rows high, and each bar has its row.
const BESIDE_ROWS: u32 = 10;
/// The rows of title and scale.
const FRAME_ROWS: u32 = 4;
const BESIDE_PIXELS: u16 = 470;
/// The picture below a table.
const BELOW_ROWS: u32 = 14;
const BELOW_PIXELS: u16 = 940;
/// What a printed page of the cover holds.
const PAGE_ROWS: u32 = 34;
const GREY: u32 = 0x00A6_A6A6;
const FAINT: u32 = 0x00D9_D9D9;

const MONEY: Column = Column { word: "head.amount", look: Look::Money, least: 18, most: 30 };
const CLAUSES: [Column; 2] = [wrapped("head.rule", 30), MONEY];
const DEPARTMENTS: [Column; 2] = [wrapped("head.department", 30), MONEY];
const MONTHS: [Column; 4] = [
    Column { word: "head.month", look: Look::Text, least: 30, most: 30 },
    wrapped("head.edition", 40),
    Column { word: "head.deducted", ..MONEY },
    Column { word: "head.rewarded", ..MONEY },
];

/// What one workbook's pictures are about.
struct Theme {
    status: Status,
    by_clause: &'static str,
    by_department: &'static str,
    by_month: &'static str,
    /// The column of [`MONTHS`] that is drawn.
    column: u16,
    dark: u32,
    light: u32,
}

impl Theme {
    const fn of(which: Which) -> Self {
        match which {
            Which::Deductions => Self {
                status: Status::Charge,
                by_clause: "picture.deducted-by-clause",
                by_department: "picture.deducted-by-department",
                by_month: "picture.deducted-by-month",
                column: 2,
                dark: 0x0000_72B2,
                light: 0x009C_C7E3,
            },
            Which::Rewards => Self {
                status: Status::Credit,
                by_clause: "picture.rewarded-by-clause",
                by_department: "picture.rewarded-by-department",
                by_month: "picture.rewarded-by-month",
                column: 3,
                dark: 0x0000_7A5A,
                light: 0x0099_D3C1,
            },
        }
    }
}

/// A name and its money.
type Bar = (String, Fen);

/// Tables and pictures, on printed pages of their own; nothing where there is no money and no earlier month.
pub(super) fn write(sheet: &mut Sheet<'_>, report: &Report<'_>, which: Which) -> Result<()> {
    let theme = Theme::of(which);
    let clauses = bars(report, theme.status, |finding| clause(report, finding));
    let departments = bars(report, theme.status, |finding| {
        let person = report.people.get(&finding.employee_id);
        (0, person.map(|person| person.department.clone()).unwrap_or_default())
    });
    let blocks = [
        ("picture.by-clause", theme.by_clause, &CLAUSES, clauses),
        ("picture.by-department", theme.by_department, &DEPARTMENTS, departments),
    ];
    let mut rows = 0;
    for (section, title, columns, bars) in blocks.into_iter().filter(|(.., bars)| !bars.is_empty()) {
        if rows == 0 {
            sheet.page()?;
        }
        sheet.line(Look::Section, word(report.language, section))?;
        rows += 2 + beside(sheet, report, title, columns, &bars, &theme)?;
    }
    if report.history.is_empty() {
        return Ok(());
    }
    let needed = u32::try_from(report.history.len())? + BELOW_ROWS + 4;
    if rows == 0 || rows + needed > PAGE_ROWS {
        sheet.page()?;
    }
    sheet.line(Look::Section, word(report.language, "picture.by-month"))?;
    below(sheet, report, &theme)
}

/// A table of bars with its picture to the right; gives how many rows they take.
fn beside(
    sheet: &mut Sheet<'_>,
    report: &Report<'_>,
    title: &str,
    columns: &[Column; 2],
    bars: &[Bar],
    theme: &Theme,
) -> Result<u32> {
    let head = sheet.at()?;
    sheet.head(columns)?;
    for (name, amount) in bars {
        sheet.row(columns, [name.as_str().into(), (*amount).into()])?;
    }
    let total: Fen = bars.iter().map(|(_, amount)| *amount).sum();
    sheet.total([word(report.language, "total").into(), total.into()])?;
    let shown = u32::try_from(bars.len())?;
    let (rows, last) = ((shown + FRAME_ROWS).max(BESIDE_ROWS), head + shown);
    let colours = (0..bars.len()).map(|at| if at < BARS { theme.dark } else { GREY });
    let mut series = series(&sheet.name()?, (head + 1, last), 1, colours);
    let mut chart = drawn(report, ChartType::Bar, title, series.set_data_label(&label("#,##0.00")));
    // The largest at the top, the scale below.
    chart.y_axis().set_reverse().set_crossing(ChartAxisCrossing::Max);
    chart.set_width(BESIDE_PIXELS.into()).set_height(rows * ROW_PIXELS);
    sheet.picture(&chart, head, 2, BESIDE_PIXELS)?;
    while sheet.at()? < head + rows + 1 {
        sheet.gap()?;
    }
    Ok(rows)
}

/// The latest edition of each earlier month and this one, with their picture below.
fn below(sheet: &mut Sheet<'_>, report: &Report<'_>, theme: &Theme) -> Result<()> {
    let language = report.language;
    let head = sheet.at()?;
    sheet.head(&MONTHS)?;
    let own = (report.period.month, report.edition, state(report));
    let own = (own, [report.sum(Status::Charge), report.sum(Status::Credit)]);
    let earlier = report.history.iter();
    let earlier = earlier.map(|one| {
        let state = state_word(language, one.is_issued);
        ((one.month, one.edition, state), [one.deductions, one.rewards])
    });
    for ((month, edition, state), sums) in earlier.chain([own]) {
        let edition = filled(language, "picture.edition", &[&edition.to_string(), state]);
        let texts = [month.to_string().into(), edition.into()];
        sheet.row(&MONTHS, texts.into_iter().chain(sums.map(Into::into)))?;
    }
    let last = sheet.at()? - 1;
    let months = report.history.len();
    let colours = (0..=months).map(|at| if at < months { theme.light } else { theme.dark });
    let mut series = series(&sheet.name()?, (head + 1, last), theme.column, colours);
    let mut chart = drawn(report, ChartType::Column, theme.by_month, series.set_data_label(&label("#,##0")));
    chart.set_width(BELOW_PIXELS.into()).set_height(BELOW_ROWS * ROW_PIXELS);
    sheet.gap()?;
    sheet.picture(&chart, last + 2, 0, BELOW_PIXELS)?;
    for _ in 0..=BELOW_ROWS {
        sheet.gap()?;
    }
    Ok(())
}

/// What a line of money is called by its clause, with the place in the order of the policy.
fn clause(report: &Report<'_>, finding: &Finding) -> (usize, String) {
    let place = RULES.iter().position(|rule| rule.name == finding.rule).unwrap_or(RULES.len());
    let name = match finding.detail("category") {
        Some(category) if direction(finding) == Direction::Reward => category_of(report.language, category),
        _ => rule_name(report.language, finding.rule),
    };
    (place, name)
}

/// The money by name, largest first, names of one amount in order; beyond ten of them the others as one.
fn bars(report: &Report<'_>, status: Status, name: impl Fn(&Finding) -> (usize, String)) -> Vec<Bar> {
    let mut sums: BTreeMap<(usize, String), Fen> = BTreeMap::new();
    for finding in report.of(status) {
        sums.entry(name(finding)).or_default().0 += finding.amount.unwrap_or_default().0;
    }
    let blank = || word(report.language, "picture.blank").to_owned();
    let named = |((_, name), sum): ((usize, String), Fen)| (if name.is_empty() { blank() } else { name }, sum);
    let mut bars: Vec<Bar> = sums.into_iter().map(named).filter(|(_, sum)| *sum > Fen(0)).collect();
    bars.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let others = bars.split_off(bars.len().min(BARS));
    if !others.is_empty() {
        let name = filled(report.language, "picture.others", &[&others.len().to_string()]);
        bars.push((name, others.iter().map(|(_, sum)| *sum).sum()));
    }
    bars
}

/// The numbers of a column with the names in the first, each bar in its colour.
fn series(sheet: &str, (first, last): (u32, u32), column: u16, colours: impl Iterator<Item = u32>) -> ChartSeries {
    let colours: Vec<Color> = colours.map(Color::RGB).collect();
    let mut series = ChartSeries::new();
    series.set_categories((sheet, first, 0, last, 0)).set_values((sheet, first, column, last, column));
    series.set_gap(45).set_point_colors(&colours);
    series
}

fn font(size: u8) -> ChartFont {
    ChartFont::new().set_name(FONT).set_size(size).unset_bold().clone()
}

fn label(format: &str) -> ChartDataLabel {
    ChartDataLabel::new().show_value().set_num_format(format).set_font(&font(9)).clone()
}

fn drawn(report: &Report<'_>, kind: ChartType, title: &str, series: &ChartSeries) -> Chart {
    let title = word(report.language, title);
    let mut chart = Chart::new(kind);
    chart.push_series(series).title().set_name(title).set_font(font(11).set_bold());
    chart.legend().set_hidden();
    chart.set_alt_text(title).set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
    let is_bar = matches!(kind, ChartType::Bar);
    let names = if is_bar { chart.y_axis() } else { chart.x_axis() };
    names.set_font(&font(9)).set_label_interval(1).set_major_gridlines(false);
    let money = if is_bar { chart.x_axis() } else { chart.y_axis() };
    money.set_font(&font(9)).set_num_format("#,##0").set_min(0);
    money.set_name(word(report.language, "picture.yuan")).set_name_font(&font(9));
    money.set_major_gridlines_line(ChartLine::new().set_color(Color::RGB(FAINT)));
    chart
}
