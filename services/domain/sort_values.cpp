#include "services/domain/sort_values.hpp"

#include "geo/alphabet.hpp"
#include "services/domain/sorted.hpp"
#include "tiles/mirror/run_columns.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>

namespace diaban::services::domain {

namespace {

template <typename T>
int order(T const& a, T const& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

ValueOrder order_of(geo::filter::Column const& column) {
    ValueOrder made;
    auto const size = column.dictionary->size();
    std::vector<geo::Value> values(size);
    for (std::uint32_t code = 1; code < size; ++code) {
        values[code] = sort_value(column, code);
        if (!std::holds_alternative<std::monostate>(values[code])) made.codes.push_back(code);
    }
    std::ranges::sort(made.codes, [&](std::uint32_t a, std::uint32_t b) {
        return compare_values(values[a], values[b]) < 0;
    });
    made.ranks.assign(size, ValueOrder::null_rank);
    std::size_t ranks = 0;
    for (auto const code : made.codes) {
        bool const equal =
            ranks > 0 && compare_values(values[made.codes[ranks - 1]], values[code]) == 0;
        if (!equal) made.codes[ranks++] = code;
        made.ranks[code] = static_cast<std::uint32_t>(ranks - 1);
    }
    made.codes.resize(ranks);
    return made;
}

} // namespace

std::string_view sorted_part(std::string_view text) noexcept {
    constexpr std::size_t most = 256;
    if (text.size() <= most) return text;
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return text.substr(0, end);
}

geo::Value sort_value(geo::filter::Column const& column, std::uint32_t code) {
    if (code == 0) return {};
    auto const value = column.dictionary->value(code);
    if (auto const* const text = std::get_if<std::string_view>(&value))
        return std::string{sorted_part(*text)};
    if (auto const* const number = std::get_if<double>(&value); number && std::isnan(*number))
        return {};
    return geo::owned(value);
}

int compare_values(geo::Value const& a, geo::Value const& b) {
    if (a.index() != b.index()) return order(a.index(), b.index());
    return std::visit(
        [&](auto const& of_a) {
            using T = std::decay_t<decltype(of_a)>;
            if constexpr (std::is_same_v<T, std::monostate>)
                return 0;
            else if constexpr (std::is_same_v<T, std::string>)
                return geo::compare_texts(of_a, std::get<T>(b));
            else
                return order(of_a, std::get<T>(b));
        },
        a);
}

std::shared_ptr<ValueOrder const>
SortOrders::of(std::shared_ptr<tiles::mirror::Run const> const& run, std::string_view field) {
    constexpr std::size_t most_kept = 64;
    {
        std::lock_guard const lock{m_mutex};
        for (auto const& entry : m_entries)
            if (entry.field == field && entry.run.lock() == run) return entry.order;
    }
    tiles::mirror::RunColumns const columns{run};
    auto made = std::make_shared<ValueOrder const>(order_of(columns.column(field)));
    std::lock_guard const lock{m_mutex};
    std::erase_if(m_entries, [](Entry const& entry) { return entry.run.expired(); });
    if (m_entries.size() >= most_kept) m_entries.erase(m_entries.begin());
    m_entries.push_back({run, std::string{field}, made});
    return made;
}

} // namespace diaban::services::domain
