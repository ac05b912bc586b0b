//! What forms need beside tables: drop-downs, locked cells, paragraphs, one upright page.

use super::{A4, Sheet, clean, width};
use crate::report::xlsx::style::Look;
use anyhow::Result;
use rust_xlsxwriter::{DataValidation, ProtectionOptions};

impl Sheet<'_> {
    /// Offers `words` for the cell `at` of the row written last, and nothing else.
    pub(in crate::report::xlsx) fn offer(&mut self, at: u16, words: &[&str]) -> Result<()> {
        let list = DataValidation::new().allow_list_strings(words)?;
        let (sheet, row, _) = self.here()?;
        sheet.add_data_validation(row - 1, at, row - 1, at, &list)?;
        Ok(())
    }

    /// Makes the row written last so many points high.
    pub(in crate::report::xlsx) fn tall(&mut self, points: u16) -> Result<()> {
        let part = self.part()?;
        part.heights.insert(part.row - 1, points);
        let (sheet, row, _) = self.here()?;
        sheet.set_row_height(row - 1, points)?;
        Ok(())
    }

    /// A text over the whole width of the tables above it, in as many lines as it needs. Not for sheets that are
    /// imported: its cells are merged.
    pub(in crate::report::xlsx) fn paragraph(&mut self, text: &str) -> Result<()> {
        self.part()?;
        self.end_table();
        let last = u16::try_from(self.widths.len()).unwrap_or(1).max(2) - 1;
        let lines = width(text).div_ceil(self.widths.iter().sum::<u16>().saturating_sub(4).max(1));
        let (sheet, row, style) = self.here()?;
        sheet.merge_range(row, 0, row, last, &clean(text.into()), style.of(Look::Paragraph))?;
        self.height((lines * 15 + 5).min(409))?;
        self.next()
    }

    /// Closes a form of one printed page, upright.
    pub(in crate::report::xlsx) fn close_page(self) -> Result<()> {
        let sheet = self.book.workbook.worksheet_from_index(self.parts[0].index)?;
        for (at, width) in (0..).zip(&self.widths).filter(|(_, width)| **width > 0) {
            sheet.set_column_width(at, *width)?;
        }
        sheet.set_portrait().set_paper_size(A4).set_print_fit_to_pages(1, 1).set_screen_gridlines(false);
        sheet.set_header_footer_scale_with_doc(false);
        sheet.set_margins(0.8, 0.8, 0.9, 0.8, 0.3, 0.3).set_footer(&self.book.footer);
        Ok(())
    }

    /// Closes a sheet in which only the cells to be written in can be changed.
    pub(in crate::report::xlsx) fn close_locked(self) -> Result<()> {
        let options = ProtectionOptions {
            format_cells: true,
            format_columns: true,
            format_rows: true,
            use_autofilter: true,
            ..ProtectionOptions::new()
        };
        for part in &self.parts {
            self.book.workbook.worksheet_from_index(part.index)?.protect_with_options(&options);
        }
        self.close()
    }
}
