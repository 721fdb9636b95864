#pragma once

#include "geo/filter/columns.hpp"
#include "tiles/mirror/run.hpp"

#include <memory>
#include <vector>

namespace diaban::tiles::mirror {

/// A grid box that holds the row boxes of all rows whose geometry in the record meets `box`
/// (EPSG:4326, closed).
[[nodiscard]] GridBox grid_around(geo::Box const& box) noexcept;

/// A run as filters see it: its rows are those of the run, dead and hidden ones among them.
///
/// Values     are read out of the run's own bytes each time they are asked for: nothing is copied,
///            and a column costs only where a filter names it.
/// valid      the run's times: by the collection's time field, or else by legal validity; always
///            where rows have no times.
/// Geometry   the grid's, in degrees, within 1.5 steps of the record's: the way to the grid is √½
/// of
///            a step, and 180° and the square world's southern border lie one step beyond the last.
///            A row that the grid had to change may be off by its own size; latitudes beyond 85.05°
///            stand at the border, off by 5°.
/// Lifetime   keeps the run.
class RunColumns final : public geo::filter::Columns {
public:
    explicit RunColumns(std::shared_ptr<Run const> run);

    [[nodiscard]] std::size_t rows() const noexcept override { return m_run->size(); }
    [[nodiscard]] geo::filter::Column column(std::string_view field) const override;
    [[nodiscard]] std::int64_t fid(std::size_t row) const override { return m_run->fids[row]; }
    [[nodiscard]] geo::Period valid(std::size_t row) const override {
        return m_run->periods.empty() ? geo::Period{} : m_run->periods[row];
    }
    [[nodiscard]] bool has_geometry(std::size_t row) const override {
        return row < m_run->located();
    }
    void near(geo::Box const& box, std::span<std::uint32_t const> rows,
              std::span<geo::filter::Nearness> answers) const override;
    [[nodiscard]] geo::Box box(std::size_t row) const override;
    void geometry(std::size_t row, geo::Geometry& into) const override;
    [[nodiscard]] double tolerance(std::size_t row) const noexcept override;

private:
    struct Values final : geo::filter::Dictionary {
        Values(Column const& of, Texts texts) : column{&of}, encoded{texts} {}
        [[nodiscard]] std::size_t size() const noexcept override { return column->places.size(); }
        [[nodiscard]] geo::ValueView value(std::uint32_t code) const noexcept override;
        Column const* column;
        Texts encoded;
    };

    std::shared_ptr<Run const> m_run;
    std::vector<Values> m_dictionaries; // by column
};

} // namespace diaban::tiles::mirror
