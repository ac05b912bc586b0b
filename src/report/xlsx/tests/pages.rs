//! What a reader of the workbooks finds: types, totals, print set-up, and pictures that show what their cells say.

use super::*;
use crate::report::MonthTotal;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

fn open(bytes: &[u8]) -> Workbook<'_> {
    calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap()
}

/// A workbook, and its parts as one text.
fn plain(report: &Report<'_>, which: Which) -> (Vec<u8>, String) {
    let bytes = filled_book(report, which).unwrap().workbook.save_to_buffer().unwrap();
    let text = joined(&bytes);
    (bytes, text)
}

fn joined(bytes: &[u8]) -> String {
    parts(bytes).into_iter().flat_map(|(name, part)| [name, part]).collect()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

/// The pictures of a workbook: of names and of numbers, the cells and what is stored beside them.
fn pictures(text: &str) -> Vec<[(String, Vec<String>); 2]> {
    let charts = between(text, "<c:chartSpace", "</c:chartSpace>");
    let read = |chart: &str, kind: &str| {
        let own = between(chart, &format!("<c:{kind}>"), &format!("</c:{kind}>"))[0];
        let cells = between(own, "<c:f>", "</c:f>")[0].to_owned();
        (cells, between(own, "<c:v>", "</c:v>").into_iter().map(str::to_owned).collect())
    };
    charts.into_iter().map(|chart| [read(chart, "cat"), read(chart, "val")]).collect()
}

/// The cells of a range like `封面!$B$31:$B$33`, or of one cell.
fn cells(bytes: &[u8], range: &str) -> Vec<String> {
    let (name, corners) = range.split_once('!').unwrap();
    let corner = |text: &str| {
        let mut parts = text.split('$').skip(1);
        let column = parts.next().unwrap().bytes().next().unwrap() - b'A';
        (parts.next().unwrap().parse::<u32>().unwrap() - 1, u32::from(column))
    };
    let (from, to) = corners.split_once(':').unwrap_or((corners, corners));
    let (from, to) = (corner(from), corner(to));
    let sheet = sheet(bytes, name.trim_matches('\''));
    (from.0..=to.0).map(|row| sheet.get_value((row, from.1)).unwrap().to_string()).collect()
}

fn earlier(month: &str, is_issued: bool, deductions: i64) -> MonthTotal {
    let month = month.parse().unwrap();
    MonthTotal { month, edition: 2, is_issued, deductions: Fen(deductions), rewards: Fen(7_050) }
}

#[test]
fn pictures_show_the_cells_that_they_name() {
    let history = [earlier("2026-08", true, 123_450), earlier("2026-09", false, 0)];
    reported(&findings(), Language::Chinese, |report| {
        let report = Report { history: &history, ..*report };
        let month = ["2026-08", "2026-09", "2026-10"];
        let expected = [
            (Which::Deductions, ["100,20", "120", "1234.5,0,120"], ["八.10 会议缺席,二.3 迟到", "维修部"]),
            (Which::Rewards, ["300.5", "300.5", "70.5,70.5,300.5"], ["六.2(1)", "维修部"]),
        ];
        for (which, numbers, names) in expected {
            let (bytes, text) = plain(&report, which);
            let found = pictures(&text);
            assert_eq!(found.len(), 3);
            let months = between(&text, "<c:chartSpace", "</c:chartSpace>")[2];
            let colours = between(months, "<a:srgbClr val=\"", "\"");
            let bars: Vec<&str> = colours.into_iter().filter(|colour| *colour != "D9D9D9").collect();
            assert!(bars[0] == bars[1] && bars[1] != bars[2], "this month is told from earlier ones: {bars:?}");
            for ([(names, shown), (amounts, stored)], (expected, names_expected)) in
                found.iter().zip(numbers.iter().zip([names[0], names[1], &month.join(",")]))
            {
                assert_eq!((&cells(&bytes, names), shown.join(",").as_str()), (shown, names_expected));
                assert_eq!((&cells(&bytes, amounts), stored.join(",").as_str()), (stored, *expected));
            }
        }
    });
}

#[test]
fn the_month_stands_beside_earlier_ones_with_their_editions() {
    let history = [earlier("2026-08", true, 123_450), earlier("2026-09", false, 0)];
    reported(&findings(), Language::Chinese, |report| {
        let (bytes, _) = plain(&Report { history: &history, ..*report }, Which::Rewards);
        let cover = sheet(&bytes, "封面");
        let rows: Vec<Vec<String>> =
            cover.rows().map(|row| row.iter().take(4).map(ToString::to_string).collect()).collect();
        for expected in [
            ["工资月份", "版次", "扣款(元)", "奖励(元)"],
            ["2026-08", "第2版,已签发", "1234.5", "70.5"],
            ["2026-09", "第2版,建议(未签发)", "0", "70.5"],
            ["2026-10", "第1版,建议(未签发)", "120", "300.5"],
        ] {
            assert!(rows.iter().any(|row| row == &expected), "{expected:?}: {rows:?}");
        }
        let (bytes, _) = plain(report, Which::Rewards);
        let is_there = sheet(&bytes, "封面").rows().flatten().any(|cell| *cell == text("工资月份"));
        assert!(!is_there, "no earlier month, no table");
    });
}

#[test]
fn there_is_no_picture_of_nothing() {
    let waived = [finding("late-arrival", "00123", "2026-10-13", "2026-10-13", "waived", Some(2000))];
    reported(&waived, Language::Chinese, |report| {
        for which in [Which::Deductions, Which::Rewards] {
            assert!(pictures(&plain(report, which).1).is_empty());
        }
    });
}

#[test]
fn beyond_ten_the_others_are_one_bar_and_the_largest_come_first() {
    let late = |at: i64| {
        let subject = format!("2026-10-{:02}", at + 1);
        finding("late-arrival", &format!("{at:02}"), "2026-10-13", subject.leak(), "charge", Some(100 * at))
    };
    let charges: Vec<Finding> = (1..=13).map(late).collect();
    let person = |at: i64| {
        let department = if at == 13 { String::new() } else { format!("{at}部") };
        (format!("{at:02}"), Person { department, ..Person::default() })
    };
    let people: BTreeMap<String, Person> = (1..=13).map(person).collect();
    reported(&charges, Language::Chinese, |report| {
        let (_, text) = plain(&Report { people: &people, ..*report }, Which::Deductions);
        let [(_, names), (_, amounts)] = &pictures(&text)[1];
        assert_eq!(names.join(" "), "(未填) 12部 11部 10部 9部 8部 7部 6部 5部 4部 其他(3项)");
        assert_eq!(amounts.join(" "), "13 12 11 10 9 8 7 6 5 4 6");
    });
}

#[test]
fn every_column_of_a_table_has_its_type() {
    let (deductions, rewards) = build(&findings(), Language::Chinese);
    let mut seen = 0;
    for bytes in [&deductions, &rewards] {
        for name in open(bytes).sheet_names() {
            let range = sheet(bytes, &name);
            let head: Vec<String> = range.rows().next().unwrap_or_default().iter().map(ToString::to_string).collect();
            for row in range.rows().skip(1).take_while(|row| matches!(row[0], Data::Float(_))) {
                for (head, cell) in head.iter().zip(row).filter(|(_, cell)| **cell != Data::Empty) {
                    seen += 1;
                    let is_right = match head.as_str() {
                        "发生日期" | "截止日期" | "日期" => matches!(cell, Data::DateTime(_)),
                        head if head.starts_with("次数") => matches!(cell, Data::Float(_)),
                        "序号" | "合计次数" | "合计金额" | "其中部门经费" | "损失赔偿" => {
                            matches!(cell, Data::Float(_))
                        }
                        "申请金额" | "批准金额" | "天数" | "工时" => matches!(cell, Data::Float(_)),
                        head if head.ends_with("(元)") || head.ends_with("扣款") || head.starts_with("迟到扣款") =>
                        {
                            matches!(cell, Data::Float(_))
                        }
                        _ => matches!(cell, Data::String(_)),
                    };
                    assert!(is_right, "{name}, {head}: {cell:?}");
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn only_total_rows_have_formulas_and_each_gives_the_sum_of_its_column() {
    let (deductions, rewards) = build(&findings(), Language::Chinese);
    let mut seen = 0;
    for bytes in [&deductions, &rewards] {
        let mut workbook = open(bytes);
        for name in workbook.sheet_names() {
            let formulas = workbook.worksheet_formula(&name).unwrap();
            let range = sheet(bytes, &name);
            let start = formulas.start().unwrap_or_default();
            for (row, column, _) in formulas.used_cells() {
                let (row, column) = (row + start.0 as usize, column + start.1 as usize);
                assert_eq!(range[(row, 0)], "合计", "{name}: a formula in row {row}");
                let sum = fen_above(&range, row, column);
                assert_eq!(range[(row, column)].to_string(), yuan(sum), "{name}, column {column}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 15, "{seen}");
}

/// The sum of a column above a row, in hundredths.
fn fen_above(range: &Range<Data>, row: usize, column: usize) -> i64 {
    let fen = |at: usize| match &range[(at, column)] {
        Data::Empty => 0,
        cell => Fen::parse_yuan(&cell.to_string()).unwrap().0,
    };
    (1..row).map(fen).sum()
}

/// A sum as a number cell prints: without zeros at its end.
fn yuan(sum: i64) -> String {
    Fen(sum).to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn each_sheet_is_set_up_for_print_and_the_cover_opens() {
    let rewarded = with(finding("reward", "00456", "2026-10-20", "J-9", "hold(pending)", None), &[("category", "1")]);
    let mut all = findings();
    all.push(rewarded);
    reported(&all, Language::English, |report| {
        for (which, sheets, tables) in [(Which::Deductions, 10, 7), (Which::Rewards, 4, 3)] {
            let (bytes, text) = plain(report, which);
            assert_eq!(open(&bytes).sheet_names().len(), sheets);
            let count = |word: &str| text.matches(word).count();
            assert_eq!(count("<definedName name=\"_xlnm.Print_Area\""), sheets);
            assert_eq!(count("paperSize=\"9\""), sheets);
            assert_eq!(count("orientation=\"landscape\""), sheets);
            assert_eq!(count("fitToHeight=\"0\""), sheets - 1, "the cover has pages of its own");
            assert_eq!(count("<definedName name=\"_xlnm.Print_Titles\""), tables);
            assert_eq!((count("state=\"frozen\""), count("<autoFilter ")), (tables, tables));
            assert_eq!(count("tabSelected=\"1\""), 1);
            let first = between(&text, "<worksheet", "</worksheet>")[0];
            assert!(first.contains("tabSelected=\"1\"") && !first.contains("topLeftCell"), "the cover opens at A1");
            assert!(!text.contains("activeTab") && !text.contains("<mergeCell") && !text.contains("externalLink"));
            assert!(text.contains("<dc:title>") && text.contains("<dc:creator>meritbook"));
        }
    });
}

#[test]
fn a_section_that_fits_a_page_is_not_torn() {
    reported(&[], Language::Chinese, |report| {
        let breaks = |sections: &[usize]| {
            let mut book = Book::new(report).unwrap();
            let mut sheet = sheet::Sheet::free(&mut book, "sheet.cover").unwrap();
            for rows in sections {
                sheet.line(style::Look::Section, "节").unwrap();
                for _ in 0..*rows {
                    sheet.gap().unwrap();
                }
            }
            sheet.close_in_pages().unwrap();
            let bytes = book.workbook.save_to_buffer().unwrap();
            let text = joined(&bytes);
            between(&text, "<brk id=\"", "\"").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(breaks(&[10, 10]), [""; 0]);
        assert_eq!(breaks(&[10, 10, 20]), ["22"], "the third does not fit below the first two");
        assert_eq!(breaks(&[5, 100]), [""; 0], "a section longer than a page begins where there is room");
        assert_eq!(breaks(&[28, 100, 5]), ["29"], "but not at the foot of a page");
    });
}

#[test]
fn a_day_is_a_day_in_every_table() {
    let (deductions, _) = build(&findings(), Language::Chinese);
    let shown = column(&sheet(&deductions, "扣款明细"), "发生日期");
    let day = |cell: &Data| match cell {
        Data::DateTime(date) => date.to_ymd_hms_milli(),
        other => panic!("{other:?} is no date"),
    };
    let days: Vec<_> = shown.iter().map(day).map(|(year, month, day, ..)| (year, month, day)).collect();
    assert_eq!(days, [(2026, 10, 12), (2026, 10, 13), (2026, 10, 15)]);
}
