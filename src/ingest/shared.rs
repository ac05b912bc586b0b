//! Several people in one cell: technicians of a ticket, or two at one device in a meeting.

/// The parts of a cell between any of the separators; the cell itself where there are none.
pub(crate) fn parts<'t>(text: &'t str, separators: &[String]) -> Vec<&'t str> {
    let mut parts = vec![text];
    for separator in separators {
        parts = parts.into_iter().flat_map(|part| part.split(separator.as_str())).collect();
    }
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The people who sit at one device, written `甲&乙` or `设备(甲&乙)`; `None` where the cell names one, or is somebody's
/// name as it stands.
pub(crate) fn names(text: &str, separators: &[String], is_known: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let all = parts(text, separators);
    if all.len() < 2 || is_known(text) {
        return None;
    }
    Some(all.into_iter().map(|part| within(part).to_owned()).collect())
}

/// Of a part that was cut from within brackets, what stood inside.
fn within(part: &str) -> &str {
    const OPEN: [char; 3] = ['(', '（', '【'];
    const CLOSE: [char; 3] = [')', '）', '】'];
    let (opened, closed) = (part.matches(OPEN).count(), part.matches(CLOSE).count());
    let inner = match opened.cmp(&closed) {
        std::cmp::Ordering::Greater => part.rsplit(OPEN).next(),
        std::cmp::Ordering::Less => part.split(CLOSE).next(),
        std::cmp::Ordering::Equal => None,
    };
    inner.unwrap_or(part).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_one_device() {
        let separators = ["&".to_owned(), "＆".to_owned()];
        let read = |text: &str| names(text, &separators, |name| name == "A&B").map(|all| all.join("|"));
        assert_eq!(read("张三&李四").as_deref(), Some("张三|李四"));
        assert_eq!(read("会议室(张三＆李四)").as_deref(), Some("张三|李四"));
        assert_eq!(read("张三(张三)&李四(李四)").as_deref(), Some("张三(张三)|李四(李四)"));
        assert_eq!((read("张三(张三)"), read("A&B"), read("张三&")), (None, None, None));
    }
}
