#include "data/gdal/sheet_cells.hpp"
#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

void diaban::tests::fuzz::workbook(Bytes input) {
    try {
        auto const cells = data::gdal::read_sheet(text_of(input));
        require(cells.size() <= 10'000, "more rows than are taken");
        for (auto const& row : cells) require(row.size() <= 200, "more columns than are taken");
    } catch (geo::Error const&) {
    }
}
