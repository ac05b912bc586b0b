//! A month of any size, for the bench: October 2026 of N employees, with its `config.toml`.
//!
//! The swipes are a `ZKTeco` attlog in time order, written day by day so that only one day is in
//! memory; everything else is canonical CSV. October 2026 has 18 workdays, so a person swipes five
//! times on each to come to the 88 swipes of an ordinary month: 100,000 people make 8.8 million
//! lines. About 1 % of the person-days are late, 2 % on leave, 1 % begin at a customer's.
//!
//! No clock and no chance: all values come from a hash of the person, the day and a topic.

use std::fs::{self, File};
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// The workdays of October 2026: National Day to the 7th, Saturday the 10th made up.
const WORKDAYS: [u64; 18] = [8, 9, 10, 12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30];
const DEPARTMENTS: u64 = 20;
const SWIPE: &[u8; 38] = b"        0\t2026-10-00 00:00:00\t1\t0\t1\t0\n";
/// Every line of the attlog has this length.
pub(crate) const SWIPE_BYTES: u64 = SWIPE.len() as u64;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

const REGISTERS: [&str; 22] = [
    "employees",
    "acknowledgements",
    "leaves",
    "notices",
    "visits",
    "punches",
    "complaints",
    "praises",
    "meetings",
    "invitations",
    "checkins",
    "inspections",
    "rewards",
    "projects",
    "fund",
    "contacts",
    "loans",
    "losses",
    "overtime",
    "probation",
    "tasks",
    "decisions",
];

/// What happens to a person on a workday.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Ordinary,
    Late,
    Leave,
    /// Calls before work and goes straight to a customer.
    Site,
    Absent,
}

/// Writes the inputs and `config.toml` of a month of so many employees into `dir`.
///
/// # Errors
/// When a file cannot be written, or there are so many employees that a number overflows.
pub(crate) fn write_month(dir: &Path, employees: usize) -> Result<()> {
    let people = u64::try_from(employees).map_err(std::io::Error::other)?;
    fs::create_dir_all(dir.join("access"))?;
    write_config(&dir.join("config.toml"), people)?;
    write_swipes(&dir.join("access/1_attlog.dat"), people)?;
    write_staff(dir, people)?;
    write_attendance_registers(dir, people)?;
    write_tickets(dir, people)?;
    write_meetings(dir, people)?;
    write_conduct(dir, people)?;
    write_rewards(dir, people)?;
    write_duties(dir, people)
}

fn table(dir: &Path, name: &str, header: &str) -> Result<BufWriter<File>> {
    let file = File::create(dir.join(name).with_extension("csv"))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    writeln!(out, "{header}")?;
    Ok(out)
}

// Chance.

/// A number below `limit` for this person, day and topic (`SplitMix64`).
fn draw(person: u64, day: u64, topic: u64, limit: u64) -> u64 {
    let mut x = (person << 16 | day << 8 | topic).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 16) % limit
}

fn fate(person: u64, day: u64) -> Fate {
    match draw(person, day, 0, 10_000) {
        0..100 => Fate::Late,
        100..300 => Fate::Leave,
        300..400 => Fate::Site,
        400..402 => Fate::Absent,
        _ => Fate::Ordinary,
    }
}

/// Of a small number.
fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn any_day(person: u64, topic: u64) -> u64 {
    WORKDAYS[index(draw(person, 0, topic, 18))]
}

/// Managers are the first in every department: persons 1 to 20.
fn manager_of(person: u64) -> u64 {
    (person - 1) % DEPARTMENTS + 1
}

// Swipes.

/// Digits of an employee number: at least six, zeros first.
fn digits(people: u64) -> usize {
    people.to_string().len().max(6)
}

fn write_swipes(path: &Path, people: u64) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut line = *SWIPE;
    let mut swipes: Vec<u64> = Vec::new();
    for day in WORKDAYS {
        swipes.clear();
        for person in 1..=people {
            let times = swipes_of(person, day);
            swipes.extend(times.into_iter().flatten().map(|second| second << 40 | person));
        }
        swipes.sort_unstable();
        put_number(&mut line[18..20], day, b'0');
        for swipe in &swipes {
            let (second, person) = (swipe >> 40, swipe & ((1 << 40) - 1));
            put_number(&mut line[..9], person, b' ');
            put_number(&mut line[21..23], second / HOUR, b'0');
            put_number(&mut line[24..26], second / MINUTE % 60, b'0');
            put_number(&mut line[27..29], second % 60, b'0');
            out.write_all(&line)?;
        }
    }
    out.flush()
}

/// In, twice at noon, once in the afternoon, out; seconds since midnight.
fn swipes_of(person: u64, day: u64) -> [Option<u64>; 5] {
    let at = |from: u64, topic, spread| Some(from + draw(person, day, topic, spread));
    let noon = at(12 * HOUR, 2, 15 * MINUTE);
    let back = at(12 * HOUR + 40 * MINUTE, 3, 30 * MINUTE);
    let afternoon = at(14 * HOUR, 4, 3 * HOUR);
    let out = at(17 * HOUR + 31 * MINUTE, 5, 50 * MINUTE);
    match fate(person, day) {
        Fate::Ordinary => [at(8 * HOUR, 1, 29 * MINUTE), noon, back, afternoon, out],
        Fate::Late => [at(8 * HOUR + 31 * MINUTE, 1, 40 * MINUTE), noon, back, afternoon, out],
        Fate::Site => [at(10 * HOUR, 1, HOUR), noon, back, afternoon, out],
        Fate::Leave | Fate::Absent => [None; 5],
    }
}

/// Right-justified; formatting the lines with `write!` would take three times as long.
fn put_number(field: &mut [u8], mut number: u64, fill: u8) {
    for (place, byte) in field.iter_mut().rev().enumerate() {
        let digit = b"0123456789"[index(number % 10)];
        *byte = if number == 0 && place > 0 { fill } else { digit };
        number /= 10;
    }
}

// Registers.

fn write_staff(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let header = "employee_id,name,department,position,manager_id,email,hire_date,contract_months,monthly_wage,site";
    let mut staff = table(dir, "employees", header)?;
    let mut signed = table(dir, "acknowledgements", "employee_id,signed_on")?;
    for person in 1..=people {
        let (head, wage) = (manager_of(person), 5000 + draw(person, 0, 6, 9000));
        let manager = if head == person { String::new() } else { format!("{head:0width$}") };
        writeln!(
            staff,
            "{person:0width$},员工{person:0width$},部门{head:02},工程师,{manager},p{person}@example.com,\
             20{:02}-03-01,36,{wage}.00,总部",
            10 + draw(person, 0, 7, 15)
        )?;
        writeln!(signed, "{person:0width$},2026-01-05")?;
    }
    signed.flush()?;
    staff.flush()
}

fn write_attendance_registers(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let header =
        "leave_id,employee_id,type,start,end,status,approved_at,hr_approved_at,handover_at,returned_at,certificate_at";
    let mut leaves = table(dir, "leaves", header)?;
    let mut notices = table(dir, "notices", "employee_id,date,notified_at,kind,note")?;
    let mut visits = table(dir, "visits", "visit_id,employee_id,start,end,ticket_id")?;
    let mut punches = table(dir, "punches", "employee_id,time,direction,approved_at")?;
    for person in 1..=people {
        for (place, day) in WORKDAYS.into_iter().enumerate() {
            let date = format!("2026-10-{day:02}");
            match fate(person, day) {
                Fate::Leave => {
                    let next =
                        WORKDAYS.get(place + 1).map_or("2026-11-02".to_owned(), |day| format!("2026-10-{day:02}"));
                    // One in twenty is approved a day late, one in ten reported back late.
                    let approved = if draw(person, day, 8, 20) == 0 { &next } else { "2026-09-30" };
                    let returned = if draw(person, day, 9, 10) == 0 { "" } else { &format!("{next} 09:00") };
                    writeln!(
                        leaves,
                        "L{person:0width$}-{day:02},{person:0width$},personal,{date},{date},approved,{approved} 10:00,\
                         2026-09-30 11:00,2026-09-30 17:00,{returned},"
                    )?;
                }
                Fate::Site => {
                    let minute = 5 + draw(person, day, 10, 27);
                    writeln!(notices, "{person:0width$},{date},{date} 08:{minute:02}:00,field,")?;
                    writeln!(visits, "V{person:0width$}-{day:02},{person:0width$},{date} 08:45,{date} 09:50,")?;
                }
                Fate::Late if draw(person, day, 11, 50) == 0 => {
                    writeln!(punches, "{person:0width$},{date} 08:25:00,in,{date} 16:00")?;
                }
                Fate::Late | Fate::Ordinary | Fate::Absent => {}
            }
        }
    }
    punches.flush()?;
    visits.flush()?;
    notices.flush()?;
    leaves.flush()
}

fn write_tickets(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let header = "ticket_id,customer,received_at,assigned_at,repair_engineer,diagnosed_at,outcome,sendout_prepared_at,completed_at,reason_report_at,service_engineer,delivered_at,project_id";
    let mut tickets = table(dir, "tickets", header)?;
    for number in 1..=people.div_ceil(10) {
        let engineer = draw(number, 0, 12, people) + 1;
        let service = draw(number, 0, 13, people) + 1;
        let received = 8 + draw(number, 0, 14, 6);
        // The diagnosis has three days and takes up to four; completion has ten workdays.
        let diagnosed = received + 1 + u64::from(draw(number, 0, 15, 12) == 0) * 3;
        let completed = (diagnosed + 2 + draw(number, 0, 16, 14)).min(28);
        let delivered = completed + 1 + u64::from(draw(number, 0, 17, 15) == 0) * 2;
        writeln!(
            tickets,
            "{},客户{:03},2026-10-{received:02} 09:10,2026-10-{received:02} 09:40,{engineer:0width$},\
             2026-10-{diagnosed:02} 15:00,repairable,,2026-10-{completed:02} 16:00,,{service:0width$},\
             2026-10-{delivered:02} 17:00,",
            100_000 + number,
            draw(number, 0, 18, 500)
        )?;
    }
    tickets.flush()
}

fn write_meetings(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let mut meetings = table(dir, "meetings", "meeting_id,title,kind,start,end,mandatory")?;
    let mut invitations = table(dir, "invitations", "meeting_id,employee_id,notified_at")?;
    let mut checkins = table(dir, "checkins", "meeting_id,employee_id,time")?;
    for number in 1..=people.div_ceil(50) {
        let (day, hour) = (any_day(number, 19), 9 + draw(number, 0, 20, 7));
        let start = format!("2026-10-{day:02} {hour:02}:00");
        writeln!(meetings, "M{number},例会{number},meeting,{start},2026-10-{day:02} {:02}:30,y", hour + 1)?;
        let first = draw(number, 0, 21, people);
        for place in 0..10.min(people) {
            let person = (first + place * 7) % people + 1;
            writeln!(invitations, "M{number},{person:0width$},2026-10-07 10:00")?;
            let is_there = matches!(fate(person, day), Fate::Ordinary | Fate::Late | Fate::Site);
            match draw(person, number % 200, 22, 100) {
                0 => {}
                1 | 2 if is_there => {
                    let minute = 1 + draw(person, day, 23, 20);
                    writeln!(checkins, "M{number},{person:0width$},2026-10-{day:02} {hour:02}:{minute:02}:20")?;
                }
                _ if is_there => {
                    let minute = 45 + draw(person, day, 24, 15);
                    writeln!(checkins, "M{number},{person:0width$},2026-10-{day:02} {:02}:{minute:02}:20", hour - 1)?;
                }
                _ => {}
            }
        }
    }
    checkins.flush()?;
    invitations.flush()?;
    meetings.flush()
}

fn write_conduct(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let header =
        "complaint_id,matter_id,employee_id,received_at,verdict,grade,decided_at,review_submitted_at,project_id";
    let mut complaints = table(dir, "complaints", header)?;
    for number in 1..=people.div_ceil(100) {
        let person = draw(number, 0, 25, people) + 1;
        let verdict = if draw(number, 0, 26, 4) == 0 { "rejected" } else { "upheld" };
        let grade = ["一般", "一般", "较重", "严重", ""][index(draw(number, 0, 27, 5))];
        let day = any_day(number, 28);
        writeln!(
            complaints,
            "C{number},,{person:0width$},2026-10-08 11:00,{verdict},{grade},2026-10-{day:02} 16:00,2026-10-{day:02} 17:00,"
        )?;
    }
    complaints.flush()?;
    let mut inspections = table(dir, "inspections", "inspection_id,inspected_at,area,item,result,employee_id,note")?;
    for number in 1..=20 {
        let (day, person) = (any_day(number, 29), draw(number, 0, 30, people) + 1);
        let result = if number % 3 == 0 { "pass" } else { "fail" };
        if number % 2 == 0 {
            writeln!(inspections, "I{number},2026-10-{day:02} 22:00,大厅,window,{result},,")?;
        } else {
            writeln!(inspections, "I{number},2026-10-{day:02} 10:00,大厅,badge,{result},{person:0width$},")?;
        }
    }
    inspections.flush()?;
    let mut fund = table(dir, "fund", "date,kind,amount,voucher,purpose,handled_by")?;
    writeln!(fund, "2026-10-01,opening,1000.00,,,{:0width$}", 1)?;
    fund.flush()
}

fn write_rewards(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let mut praises = table(dir, "praises", "praise_id,employee_id,received_at,customer,channel,fact,project_id")?;
    for number in 1..=people.div_ceil(100) {
        let (person, day) = (draw(number, 0, 31, people) + 1, any_day(number, 32));
        let channel = if number % 2 == 0 { "phone" } else { "written" };
        writeln!(
            praises,
            "P{number},{person:0width$},2026-10-{day:02} 15:00,客户{:03},{channel},服务周到,",
            number % 500
        )?;
    }
    praises.flush()?;
    let header = "project_id,name,lead_id,started_on,accepted_on,safety,quality,schedule,cost,internal_first_pass,external_first_pass,documents_complete,log_complete";
    let mut projects = table(dir, "projects", header)?;
    for number in 1..=people.div_ceil(500) {
        let (person, day) = (draw(number, 0, 33, people) + 1, any_day(number, 34));
        writeln!(
            projects,
            "PR{number},项目{number},{person:0width$},2026-06-01,2026-10-{day:02},pass,pass,pass,pass,y,n,y,y"
        )?;
    }
    projects.flush()?;
    let header = "application_id,employee_id,category,fact,evidence,project_id,applied_by,applied_at,decision,approved_at,amount";
    let mut rewards = table(dir, "rewards", header)?;
    for number in 1..=people.div_ceil(200) {
        let (person, day) = (draw(number, 0, 35, people) + 1, any_day(number, 36));
        let amount = if number % 10 == 0 { String::new() } else { format!("{}", 100 + number % 5 * 100) };
        writeln!(
            rewards,
            "R{number},{person:0width$},3,提前完成,记录,,{:0width$},2026-10-08 09:00,approved,2026-10-{day:02} 10:00,{amount}",
            manager_of(person)
        )?;
    }
    rewards.flush()?;
    let mut decisions = table(dir, "decisions", "finding_id,decision,amount,value,decided_by,decided_at,reason")?;
    for (person, day) in (1..=people)
        .flat_map(|person| WORKDAYS.map(|day| (person, day)))
        .filter(|it| fate(it.0, it.1) == Fate::Absent)
        .take(10)
    {
        let by = if manager_of(person) == person { person % DEPARTMENTS + 1 } else { manager_of(person) };
        writeln!(
            decisions,
            "absence:{person:0width$}:2026-10-{day:02},confirm,,,{by:0width$},2026-11-02 09:00,已核实"
        )?;
    }
    decisions.flush()
}

/// Calls, loans, tasks, losses, overtime and probation: a claim for every fifth person, the others rarer.
fn write_duties(dir: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let mut contacts = table(dir, "contacts", "contact_id,employee_id,called_at,answered,called_back_at")?;
    for number in 1..=people / 2 {
        let (person, day) = (draw(number, 0, 41, people / 4 + 1) + 1, any_day(number, 42));
        let answered = if draw(number, 0, 43, 3) == 0 { "n" } else { "y" };
        writeln!(contacts, "K{number},{person:0width$},2026-10-{day:02} 10:{:02}:00,{answered},", number % 60)?;
    }
    contacts.flush()?;
    let mut loans = table(dir, "loans", "loan_id,employee_id,item,borrowed_at,due_on,returned_at")?;
    let mut tasks = table(dir, "tasks", "task_id,employee_id,title,due_at,completed_at,explained_at,ticket_id")?;
    for number in 1..=people / 10 {
        let (person, day) = (draw(number, 0, 44, people) + 1, any_day(number, 45));
        let done = if number % 10 == 0 { String::new() } else { format!("2026-10-{day:02} 09:00") };
        writeln!(loans, "J{number},{person:0width$},万用表,2026-10-08 09:00,2026-10-{day:02},{done}")?;
        writeln!(tasks, "W{number},{person:0width$},回访,2026-10-{day:02} 18:00,{done},,")?;
    }
    loans.flush()?;
    tasks.flush()?;
    let mut losses = table(dir, "losses", "loss_id,employee_id,occurred_on,kind,amount,agreed_at")?;
    for number in 1..=people.div_ceil(1000) {
        let (person, day) = (draw(number, 0, 46, people) + 1, any_day(number, 47));
        writeln!(losses, "S{number},{person:0width$},2026-10-{day:02},配件,80,2026-10-30 10:00")?;
    }
    losses.flush()?;
    let header = "claim_id,employee_id,start,end,status,reason,reported_by,manager_approved_at,administration_filed_at";
    let mut overtime = table(dir, "overtime", header)?;
    for number in 1..=people / 5 {
        let (person, day) = (draw(number, 0, 48, people) + 1, any_day(number, 49));
        let lead = draw(1, 0, 33, people) + 1;
        writeln!(
            overtime,
            "O{number},{person:0width$},2026-10-{day:02} 17:00,2026-10-{day:02} 17:30,claimed,business,{lead:0width$},2026-10-30 10:00,2026-10-30 11:00"
        )?;
    }
    overtime.flush()?;
    let mut probation = table(dir, "probation", "employee_id,form_at,summary_at,supervisor_opinion_at")?;
    for person in (1..=people).step_by(50) {
        writeln!(probation, "{person:0width$},2026-10-09 09:00,2026-10-09 09:00,2026-10-20 09:00")?;
    }
    probation.flush()
}

// Configuration.

const CENTRE: &str = r#"[centre]
name = "bench"
timezone = "Asia/Shanghai"
locale = "zh-CN"

[period]
first_day = 1
default_month = "2026-10"

[archive]
dir = "var"

[areas]
"大厅" = ["1"]

[[mail.recipients]]
role = "hr"
address = "hr@example.com"

[sources.tickets]
files = ["tickets.csv"]
proven = "vouched"

[sources.swipes]
files = ["access/1_attlog.dat"]
preset = "zkteco-attlog"
"#;

fn write_config(path: &Path, people: u64) -> Result<()> {
    let width = digits(people);
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(CENTRE.as_bytes())?;
    writeln!(out, "id = {{ pad = {width} }}\n")?;
    for name in REGISTERS {
        writeln!(out, "[sources.{name}]\nfiles = [\"{name}.csv\"]\n")?;
    }
    out.write_all(shipped_policy().as_bytes())?;
    out.flush()
}

/// The policy of the shipped configuration, so that the bench never has one of its own.
fn shipped_policy() -> String {
    let shipped = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml")).unwrap_or_default();
    let mut is_policy = false;
    let mut text = String::new();
    for line in shipped.lines() {
        if line.starts_with('[') {
            is_policy = line.starts_with("[policy.");
        }
        if is_policy {
            text.extend([line, "\n"]);
        }
    }
    if !text.contains("[policy.limits.mode]") {
        text += "\n[policy.limits.mode]\nunit = \"text\"\nvalues.2009-12-01 = \"deduct\"\n";
    }
    text
}
