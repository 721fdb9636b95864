#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/mirror/run.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/texts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A field of one run of a mirror, decoded value by value. Absent where the policy masks it, or the
/// collection has none of that name; then every value is null.
///
/// Borrows  the run, which outlives it.
class ColumnValues {
public:
    ColumnValues(tiles::mirror::LiveRun const& live, std::string_view name,
                 geo::Policy const& policy);

    [[nodiscard]] explicit operator bool() const noexcept { return m_column != nullptr; }
    [[nodiscard]] std::uint32_t code(std::size_t row) const noexcept;
    /// How many different codes there are; code 0 is null.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] geo::ValueView of_code(std::size_t code) const;
    [[nodiscard]] geo::ValueView at(std::size_t row) const;

    /// Empty where the value is no text; `held` lies in the run.
    [[nodiscard]] std::string_view held(std::size_t row) const;
    [[nodiscard]] std::string text(std::size_t row) const { return std::string{held(row)}; }
    [[nodiscard]] std::optional<double> number(std::size_t row) const;
    [[nodiscard]] std::optional<bool> truth(std::size_t row) const;
    [[nodiscard]] std::optional<geo::Date> day(std::size_t row) const;
    [[nodiscard]] std::optional<geo::Instant> instant(std::size_t row) const;

    /// Which codes stand for a wanted text; everything where anything is.
    template <class Wanted>
    [[nodiscard]] std::vector<bool> matching(bool any, Wanted const& wanted) const {
        std::vector<bool> codes(std::max<std::size_t>(size(), 1), any);
        for (std::size_t c = 1; !any && c < size(); ++c) {
            auto const value = of_code(c);
            auto const* const held = std::get_if<std::string_view>(&value);
            codes[c] = held != nullptr && wanted(*held);
        }
        return codes;
    }

private:
    tiles::mirror::Column const* m_column = nullptr;
    tiles::Texts m_values;
};

/// Calls `tell(fid, columns, row)` for each row that the policy sees; `columns` follow `names`.
template <class Tell>
void for_each_row(View const& view, geo::Policy const& policy,
                  std::span<std::string_view const> names, Tell const& tell) {
    for (auto const& live : view.layer->runs()) {
        tiles::mirror::Visibility const sees{live, policy};
        std::vector<ColumnValues> columns;
        columns.reserve(names.size());
        for (auto const name : names) columns.emplace_back(live, name, policy);
        for (std::uint32_t row = 0; row < live.run->size(); ++row)
            if (sees(row))
                tell(live.run->fids[row], std::span<ColumnValues const>{columns}, std::size_t(row));
    }
}

} // namespace diaban::services::domain
