#pragma once

#include "geo/filter/columns.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tests {

/// Rows as plain values, offered to the evaluator as a mirror would: dictionary-coded columns, and
/// geometries either exact or off by `jitter` in a way that the row's number decides.
class PlainColumns final : public geo::filter::Columns {
public:
    explicit PlainColumns(std::size_t rows)
        : fids(rows), periods(rows), geometries(rows), m_rows{rows} {
        for (std::size_t i = 0; i < rows; ++i) fids[i] = std::int64_t(i);
    }

    /// A column by its values; equal values get one code, in the order of their first row.
    void add(std::string const& field, std::vector<geo::Value> const& values) {
        auto& coded = m_columns[field];
        std::map<geo::Value, std::uint32_t> known;
        coded.dictionary.values.emplace_back();
        for (auto const& value : values) {
            if (std::holds_alternative<std::monostate>(value)) {
                coded.codes.push_back(0);
                continue;
            }
            auto const next = std::uint32_t(coded.dictionary.values.size());
            auto const [at, fresh] = known.emplace(value, next);
            if (fresh) coded.dictionary.values.push_back(value);
            coded.codes.push_back(at->second);
        }
    }

    [[nodiscard]] std::size_t rows() const noexcept override { return m_rows; }
    [[nodiscard]] geo::filter::Column column(std::string_view field) const override {
        auto const& coded = m_columns.find(field)->second;
        return {coded.codes, &coded.dictionary};
    }
    [[nodiscard]] std::int64_t fid(std::size_t row) const override { return fids[row]; }
    [[nodiscard]] geo::Period valid(std::size_t row) const override { return periods[row]; }
    [[nodiscard]] bool has_geometry(std::size_t row) const override {
        return !geometries[row].empty();
    }
    void near(geo::Box const& box, std::span<std::uint32_t const> rows,
              std::span<geo::filter::Nearness> answers) const override {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            using geo::filter::Nearness;
            answers[i] = !has_geometry(rows[i])               ? Nearness::none
                         : box.intersects(this->box(rows[i])) ? Nearness::near
                                                              : Nearness::far;
        }
    }
    [[nodiscard]] geo::Box box(std::size_t row) const override { return geometries[row].box(); }
    void geometry(std::size_t row, geo::Geometry& into) const override {
        into = geometries[row];
        if (jitter == 0) return;
        // One shift for a whole geometry keeps it valid; its size is the jitter, its way the row's.
        double const x = row % 2 == 0 ? jitter * 0.6 : -jitter * 0.6;
        double const y = row % 3 == 0 ? jitter * 0.8 : -jitter * 0.8;
        for (auto& p : into.positions) p = {p.x + x, p.y + y};
    }
    [[nodiscard]] double tolerance(std::size_t) const noexcept override { return jitter * 1.001; }

    std::vector<std::int64_t> fids;
    std::vector<geo::Period> periods;
    std::vector<geo::Geometry> geometries;
    double jitter = 0; ///< degrees

private:
    struct Values final : geo::filter::Dictionary {
        [[nodiscard]] std::size_t size() const noexcept override { return values.size(); }
        [[nodiscard]] geo::ValueView value(std::uint32_t code) const noexcept override {
            return std::visit([](auto const& held) -> geo::ValueView { return held; },
                              values[code]);
        }
        std::vector<geo::Value> values;
    };
    struct Coded {
        Values dictionary;
        std::vector<std::uint32_t> codes;
    };
    std::size_t m_rows;
    std::map<std::string, Coded, std::less<>> m_columns;
};

} // namespace diaban::tests
