//! The rows of a generated month that are papers: leaves, probation, overtime, tickets, complaints, rewards and the rest.

use super::rows::{Maker, at, sharp};
use chrono::{Datelike, Days, NaiveDate};

pub(super) fn fill(maker: &mut Maker<'_>) {
    maker.leaves();
    maker.probation();
    let projects = maker.projects();
    maker.overtime();
    let tickets = maker.tickets();
    maker.tasks(&tickets);
    maker.loans();
    maker.losses();
    maker.complaints(&projects);
    maker.praises(&projects);
    maker.rewards(&projects);
}

fn ago(day: NaiveDate, days: u64) -> NaiveDate {
    day - Days::new(days)
}

fn on(day: NaiveDate, days: u64) -> NaiveDate {
    day + Days::new(days)
}

impl Maker<'_> {
    fn leaves(&mut self) {
        // Three days and a fourth that is adjacent, without HR; a call during it.
        let start = self.days[3 + self.dice.below(4)];
        let end = self.workdays.after(start, 2);
        self.leave(4, "sick", [sharp(start, 0), sharp(end, 1440)], 'y', 10);
        let next = self.workdays.after(end, 1);
        self.leave(4, "annual", [sharp(next, 510), sharp(next, 1050)], 'y', 30);
        let contact = self.code("C");
        let id = self.id(4);
        let cells = [("contact_id", contact.as_str()), ("employee_id", &id), ("called_at", &at(start, 600))];
        self.add("contacts", &[cells.as_slice(), &[("answered", "n")]].concat());
        for round in 0..8 {
            let (number, day) = ([2, 2, 6, 9, 8, 10, 2, 6][round], self.day());
            let kind = *self.dice.pick(&["sick", "personal", "annual", "business-trip"]);
            let long = self.dice.below(4) as u64;
            let [from, until] = match self.dice.below(4) {
                0 => [sharp(day, 510), sharp(day, 720)],
                1 => [sharp(day, 810), sharp(day, 1050)],
                2 => [day.to_string(), on(day, long).to_string()],
                _ => [sharp(day, 510), sharp(on(day, long), 1050)],
            };
            let how = *self.dice.pick(&['y', 'y', 'l', 'p', 'r']);
            self.leave(number, kind, [from, until], if round < 2 { 'l' } else { how }, 60);
        }
    }

    /// A leave that was approved (y), approved late (l), is pending (p) or rejected (r), with so many percent of papers.
    fn leave(&mut self, number: usize, kind: &str, [start, end]: [String; 2], how: char, percent: usize) {
        let day = |time: &str| time[..10].parse::<NaiveDate>().expect("a date");
        let (first, last) = (day(&start), day(&end));
        let (leave, id) = (self.code("L"), self.id(number));
        let early = u64::from(how != 'l');
        let approved = if how == 'p' { String::new() } else { at(on(ago(first, early * 2), 1 - early), 600) };
        let status = *self.dice.pick(match how {
            'p' => &["pending", "pending"],
            'r' => &["rejected", "rejected"],
            _ => &["approved", ""],
        });
        let hr = self.dice.minutes(-1440, 2000);
        let hr = self.perhaps(percent, first, hr);
        let handed = self.dice.minutes(-1440, 2000);
        let handed = self.perhaps(percent, first, handed);
        let back = self.dice.minutes(400, 6000);
        let (returned, certificate) = (self.perhaps(percent, last, back), self.perhaps(percent, last, back + 700));
        let cells = [
            ("leave_id", leave.as_str()),
            ("employee_id", &id),
            ("type", kind),
            ("start", &start),
            ("end", &end),
            ("status", status),
            ("approved_at", &approved),
            ("hr_approved_at", &hr),
            ("handover_at", &handed),
            ("returned_at", &returned),
            ("certificate_at", &certificate),
        ];
        self.add("leaves", &cells);
    }

    fn probation(&mut self) {
        for number in [8, 9, 10] {
            if self.dice.chance(10) {
                continue;
            }
            let (id, first) = (self.id(number), self.month.first);
            let mut some = || {
                let minutes = self.dice.minutes(0, 30 * 1440);
                self.perhaps(45, first, minutes)
            };
            let cells = [
                ("form_at", some()),
                ("summary_at", some()),
                ("supervisor_opinion_at", some()),
                ("department_approved_at", some()),
                ("administration_approved_at", some()),
                ("general_manager_approved_at", some()),
            ];
            let mut cells = cells.each_ref().map(|(name, cell)| (*name, cell.as_str())).to_vec();
            cells.push(("employee_id", &id));
            self.add("probation", &cells);
        }
    }

    /// Three accepted in the month, one before, one under way.
    fn projects(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        for round in 0..5 {
            let project = self.code("P");
            let lead = self.id([4, 6, 2, 4, 6][round]);
            let accepted = match round {
                0..3 => self.day().to_string(),
                3 => ago(self.month.first, 9).to_string(),
                _ => String::new(),
            };
            let started = ago(self.month.first, 100).to_string();
            let mut word = |good: usize, words: [&'static str; 2]| words[usize::from(self.dice.chance(good))];
            let marks = ["safety", "quality", "schedule", "cost"].map(|name| (name, word(70, ["fail", "pass"])));
            let percent = |round: usize| if round == 0 { 100 } else { 70 };
            let names_of = ["internal_first_pass", "external_first_pass", "documents_complete", "log_complete"];
            let flags = names_of.map(|name| (name, word(percent(round), ["n", "y"])));
            let cells = [
                ("project_id", project.as_str()),
                ("name", "工程"),
                ("lead_id", &lead),
                ("started_on", &started),
                ("accepted_on", &accepted),
            ];
            self.add("projects", &[cells.as_slice(), &marks, &flags].concat());
            names.push(project);
        }
        names
    }

    fn claim(&mut self, number: usize, (day, start, end): (NaiveDate, i64, i64), steps: [&str; 5]) {
        let [status, reason, reporter, approved, filed] = steps;
        let (claim, id) = (self.code("O"), self.id(number));
        let reporter = match reporter {
            "lead" => self.id(4),
            "own" => id.clone(),
            other => other.to_owned(),
        };
        let cells = [
            ("claim_id", claim.as_str()),
            ("employee_id", &id),
            ("start", &sharp(day, start)),
            ("end", &at(day, end)),
            ("status", status),
            ("reason", reason),
            ("reported_by", &reporter),
            ("manager_approved_at", approved),
            ("administration_filed_at", filed),
        ];
        self.add("overtime", &cells);
    }

    fn overtime(&mut self) {
        let (first, last) = (self.month.first, self.month.last);
        // More than 36 hours of the fifth, all proven by visits: in a calendar month, whatever the payroll month.
        let long: Vec<NaiveDate> = self.days.iter().copied().filter(|day| day.month() == last.month()).collect();
        for day in long.into_iter().take(5) {
            let id = self.id(5);
            self.visit(&id, day, 1060, 1580);
            let done = at(on(day, 1), 900);
            self.claim(5, (day, 1080, 1575), ["claimed", "business", "lead", &done, &done]);
        }
        for _ in 0..8 {
            let (number, day) = (2 + self.dice.below(9), self.day());
            let start = self.dice.minutes(1050, 1090);
            let end = start + self.dice.minutes(20, 200);
            let reason = *self.dice.pick(&["business", "business", "business", "own-work", ""]);
            let reporter = *self.dice.pick(&["lead", "lead", "lead", "own", ""]);
            let (approved, filed) = (self.perhaps(85, on(day, 1), 700), self.perhaps(85, on(day, 2), 700));
            self.claim(number, (day, start, end), ["claimed", reason, reporter, &approved, &filed]);
        }
        // Filed late: one of the month before comes now, one of this month goes to the next.
        let workdays = self.workdays;
        for day in [ago(first, 6), ago(last, 5)] {
            let filed = at(workdays.after(ago(if day < first { first } else { on(last, 1) }, 1), 4), 600);
            let id = self.id(2);
            self.visit(&id, day, 1060, 1300);
            self.claim(2, (day, 1080, 1290), ["claimed", "business", "lead", &filed, &filed]);
        }
        for number in [6, 6, 2] {
            let day = self.day();
            self.claim(number, (day, 1080, 1200), ["refused", "", "", "", ""]);
        }
    }

    /// Steps of random length, each of which may not be done; the first ones lack all.
    fn tickets(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        for round in 0..16 {
            let ticket = self.code("T");
            let first = ago(self.month.first, 20);
            let received = on(first, if round < 4 { 22 } else { self.dice.below(45) as u64 });
            let mut minute = 600;
            let mut going = true;
            let mut times = Vec::new();
            for (step, days) in [8, 9, 16, 9].into_iter().enumerate() {
                minute += self.dice.minutes(0, days * 1440);
                going = going && self.dice.chance(85) && (round >= 4 || round % 4 > step);
                // What cannot be repaired is not completed.
                let is_done = if step == 1 { round % 3 == 0 } else { round % 3 != 0 || step == 0 };
                times.push(if going && is_done { at(received, minute) } else { String::new() });
            }
            let outcome = match (round % 3, times[0].is_empty()) {
                (_, true) => "",
                (0, _) => "unrepairable",
                _ => "repairable",
            };
            let mut who = || if self.dice.chance(85) { self.anyone() } else { String::new() };
            let engineers = [who(), who()];
            let assigned = self.dice.minutes(600, 4000);
            let assigned = self.perhaps(70, received, assigned);
            let report = self.dice.minutes(600, 20_000);
            let report = self.perhaps(if round < 4 { 0 } else { 30 }, received, report);
            let cells = [
                ("ticket_id", ticket.as_str()),
                ("customer", "客户"),
                ("received_at", &at(received, 600)),
                ("assigned_at", &assigned),
                ("repair_engineer", &engineers[0]),
                ("diagnosed_at", &times[0]),
                ("outcome", outcome),
                ("sendout_prepared_at", &times[1]),
                ("completed_at", &times[2]),
                ("reason_report_at", &report),
                ("service_engineer", &engineers[1]),
                ("delivered_at", &times[3]),
            ];
            self.add("tickets", &cells);
            names.push(ticket);
        }
        names
    }

    fn tasks(&mut self, tickets: &[String]) {
        for _ in 0..9 {
            let (task, id, day) = (self.code("K"), self.anyone(), self.day());
            let (done, said) = (self.dice.minutes(500, 4000), self.dice.minutes(-2000, 3000));
            let (done, said) = (self.perhaps(60, day, done), self.perhaps(30, day, said));
            let ticket = if self.dice.chance(50) { self.dice.pick(tickets).clone() } else { String::new() };
            let cells = [
                ("task_id", task.as_str()),
                ("employee_id", &id),
                ("title", "任务"),
                ("due_at", &sharp(day, 1000)),
                ("completed_at", &done),
                ("explained_at", &said),
                ("ticket_id", &ticket),
            ];
            self.add("tasks", &cells);
        }
    }

    fn loans(&mut self) {
        for _ in 0..5 {
            let (loan, id, day) = (self.code("N"), self.anyone(), self.day());
            let back = self.dice.minutes(-1000, 4000);
            let back = self.perhaps(60, day, back);
            let cells = [
                ("loan_id", loan.as_str()),
                ("employee_id", &id),
                ("item", "仪表"),
                ("borrowed_at", &at(ago(day, 9), 600)),
                ("due_on", &day.to_string()),
                ("returned_at", &back),
            ];
            self.add("loans", &cells);
        }
    }

    fn losses(&mut self) {
        for round in 0..6 {
            let (loss, id, day) = (self.code("S"), self.anyone(), self.day());
            let amount = format!("{}.{:02}", 1 + self.dice.below(400), self.dice.below(100));
            let agreed = at(day, 900);
            let (day, amount, agreed) = match round {
                0 => (ago(self.month.first, 20), amount.as_str(), agreed.as_str()),
                1..3 => (day, amount.as_str(), agreed.as_str()),
                3 => (day, amount.as_str(), ""),
                4 => (day, "", agreed.as_str()),
                _ => (day, "", ""),
            };
            let day = day.to_string();
            let cells = [("loss_id", loss.as_str()), ("employee_id", &id), ("occurred_on", &day), ("kind", "损坏")];
            self.add("losses", &[cells.as_slice(), &[("amount", amount), ("agreed_at", agreed)]].concat());
        }
    }

    fn complaints(&mut self, projects: &[String]) {
        let year = NaiveDate::from_ymd_opt(self.month.last.year(), 1, 5).expect("a date");
        for round in 0..16 {
            // Four of the third's earlier in the year, two in the month.
            let number = if round < 6 { 3 } else { 2 + self.dice.below(9) };
            let decided = if round < 4 { on(year, 9 * round) } else { self.day() };
            let complaint = self.code("E");
            let has_matter = self.dice.chance(70);
            let matter = if has_matter { format!("W{}", self.code("")) } else { String::new() };
            let verdict = if round < 6 { "upheld" } else { *self.dice.pick(&["upheld", "upheld", "rejected", ""]) };
            let grade = *self.dice.pick(&["一般", "较重", "严重", "重大", "", "不明"]);
            let review = self.dice.minutes(0, 20_000);
            let review = self.perhaps(60, decided, review);
            let project = if self.dice.chance(30) { self.dice.pick(projects).clone() } else { String::new() };
            let id = self.id(number);
            let rows = 1 + usize::from(has_matter && self.dice.chance(30));
            for row in 0..rows {
                let cells = [
                    ("complaint_id", format!("{complaint}{}", ["", "x"][row])),
                    ("matter_id", matter.clone()),
                    ("employee_id", id.clone()),
                    ("received_at", at(ago(decided, 3), 600)),
                    ("verdict", verdict.to_owned()),
                    ("grade", grade.to_owned()),
                    ("decided_at", at(on(decided, row as u64), 900)),
                    ("review_submitted_at", review.clone()),
                    ("project_id", project.clone()),
                ];
                self.add("complaints", &cells.each_ref().map(|(name, cell)| (*name, cell.as_str())));
            }
        }
    }

    fn praises(&mut self, projects: &[String]) {
        for round in 0..14 {
            let (praise, day) = (self.code("R"), self.day());
            let number = [2, 2, 2, 2, 6, 6, 4, 4][..].get(round).copied().unwrap_or(2 + round % 9);
            let (id, customer) = (self.id(number), format!("客户{}", self.dice.below(3)));
            let channel = *self.dice.pick(&["written", "phone", "other"]);
            let channel = ["written", "phone"].get(round.wrapping_sub(6)).copied().unwrap_or(channel);
            let project = if round < 8 { &projects[0] } else { self.dice.pick(projects) }.clone();
            let cells = [
                ("praise_id", praise.as_str()),
                ("employee_id", &id),
                ("received_at", &at(day, 660)),
                ("customer", &customer),
                ("channel", channel),
                ("fact", "事实"),
                ("project_id", &project),
            ];
            self.add("praises", &cells);
        }
    }

    fn rewards(&mut self, projects: &[String]) {
        for round in 0..14 {
            let (application, day) = (self.code("G"), self.day());
            let (number, category) = match round {
                0..3 => (6, 3),
                3 => (6, 1),
                4 => (2, 5),
                5 => (4, 6),
                _ => (3 + self.dice.below(7), 1 + self.dice.below(8)),
            };
            let (id, category) = (self.id(number), category.to_string());
            let mut some = |percent: usize, text: &str| {
                if round < 3 || self.dice.chance(percent) { text.to_owned() } else { String::new() }
            };
            let (fact, evidence) = (some(85, "事实"), some(80, "凭据"));
            let manager = format!("{}01", self.group);
            let amount = format!("{}.{:02}", 30 + self.dice.below(300), self.dice.below(100));
            let amount = if round < 3 { amount } else { (*self.dice.pick(&[&amount, &amount, "0", ""])).to_owned() };
            let decision =
                if round < 3 { "approved" } else { *self.dice.pick(&["approved", "approved", "", "rejected"]) };
            let applied_by = if round < 3 || self.dice.chance(80) { manager } else { self.anyone() };
            let project = if matches!(category.as_str(), "6" | "7") {
                self.dice.pick(&projects[1..]).clone()
            } else {
                String::new()
            };
            let approved = if decision.is_empty() { String::new() } else { at(day, 960) };
            let cells = [
                ("application_id", application.as_str()),
                ("employee_id", &id),
                ("category", &category),
                ("fact", &fact),
                ("evidence", &evidence),
                ("project_id", &project),
                ("applied_by", &applied_by),
                ("applied_at", &at(ago(day, 1), 600)),
                ("decision", decision),
                ("approved_at", &approved),
                ("amount", &amount),
            ];
            self.add("rewards", &cells);
        }
    }
}
