//! Reads the designated shelters from the Geospatial Information Authority's list.

use super::NewShelter;

/// Why a list of shelters was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    #[error("the list lacks the column `{0}`")]
    NoColumn(&'static str),
    #[error("line {0}: the shelter's id is not `E` or `L` and 13 digits")]
    Id(usize),
    #[error("line {0}: the name is missing")]
    Name(usize),
}

/// All shelters of the list, or the first line that is wrong.
pub fn read_csv(text: &str) -> Result<Vec<NewShelter>, CsvError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header = cells(lines.next().unwrap_or_default());
    let column = |name: &'static str| {
        header
            .iter()
            .position(|cell| cell == name)
            .ok_or(CsvError::NoColumn(name))
    };
    let (id, name, address) = (column("common_id")?, column("name")?, column("address")?);
    let (latitude, longitude) = (column("latitude")?, column("longitude")?);
    let mut shelters = Vec::new();
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.trim().is_empty()) {
        let cells = cells(line);
        let cell = |at: usize| cells.get(at).map(|cell| cell.trim()).unwrap_or_default();
        if cell(name).is_empty() {
            return Err(CsvError::Name(number));
        }
        shelters.push(NewShelter {
            id: cell(id).parse().map_err(|_| CsvError::Id(number))?,
            name: cell(name).to_owned(),
            address: cell(address).to_owned(),
            position_e6: millionths(cell(latitude)).zip(millionths(cell(longitude))),
        });
    }
    Ok(shelters)
}

/// One line's cells. A cell in quotes may hold commas, and a doubled quote is one; line breaks in
/// cells do not occur in the list.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => cell.extend(letters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}

fn millionths(degrees: &str) -> Option<i64> {
    let degrees: f64 = degrees.parse().ok()?;
    (degrees.abs() <= 180.0).then(|| (degrees * 1e6).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "common_id,municipality_code,municipality,name,address,latitude,longitude\n";

    #[test]
    fn a_list_is_read_line_by_line() {
        let line = "E1310100001112,131016,東京都千代田区,\"九段\"\"小\"\"学校, 体育館\",三番町16,35.690513,139.740759\n";
        let shelters = read_csv(&format!("\u{feff}{HEADER}{line}\n")).unwrap();
        assert_eq!(shelters.len(), 1);
        assert_eq!(shelters[0].name, "九段\"小\"学校, 体育館");
        assert_eq!(shelters[0].position_e6, Some((35_690_513, 139_740_759)));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        assert_eq!(read_csv("a,b\n"), Err(CsvError::NoColumn("common_id")));
        assert_eq!(
            read_csv(&format!("{HEADER}x,1,2,n,a,1,1\n")),
            Err(CsvError::Id(2))
        );
        assert_eq!(
            read_csv(&format!("{HEADER}E1310100001112,1,2,,a,1,1\n")),
            Err(CsvError::Name(2))
        );
    }
}
