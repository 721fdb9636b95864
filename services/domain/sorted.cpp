#include "services/domain/sorted.hpp"

#include "services/domain/sort_values.hpp"
#include "tiles/mirror/run_columns.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace diaban::services::domain {

namespace {

using tiles::mirror::LiveRun;
using tiles::mirror::RunColumns;

/// One key of a row as a number that grows in the order asked for; null is the greatest. Ranks have
/// gaps, so that a place between two values has a number too.
using KeyNumbers = std::array<std::uint64_t, most_sort_keys + 1>;
constexpr std::uint64_t null_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t beyond_ranks = std::uint64_t{1} << 40;

std::uint64_t directed(std::uint64_t number, bool descending) noexcept {
    return descending ? beyond_ranks - number : number;
}

std::uint64_t fid_number(std::int64_t fid, bool descending) noexcept {
    constexpr std::uint64_t beyond_fids = std::uint64_t{1} << 62;
    auto const number = static_cast<std::uint64_t>(fid + 1); // -1 stands before all
    return descending ? beyond_fids - number : number;
}

struct Candidate {
    KeyNumbers numbers{};
    std::uint32_t row = 0;
    friend auto operator<=>(Candidate const& a, Candidate const& b) noexcept {
        return a.numbers <=> b.numbers; // the fid is among them: no two are equal
    }
    friend bool operator==(Candidate const& a, Candidate const& b) noexcept {
        return a.numbers == b.numbers;
    }
};

/// The least of what it is shown, at most `limit`.
class Least {
public:
    explicit Least(std::size_t limit) : m_limit{limit} {}

    void take(Candidate const& candidate) {
        if (m_full && m_candidates[m_limit - 1] < candidate) return;
        m_candidates.push_back(candidate);
        constexpr std::size_t slack = 1024;
        if (m_candidates.size() >= 2 * m_limit + slack) cut();
    }

    [[nodiscard]] std::vector<Candidate> sorted() && {
        std::ranges::sort(m_candidates);
        if (m_candidates.size() > m_limit) m_candidates.resize(m_limit);
        return std::move(m_candidates);
    }

private:
    void cut() {
        auto const last = m_candidates.begin() + static_cast<std::ptrdiff_t>(m_limit) - 1;
        std::nth_element(m_candidates.begin(), last, m_candidates.end());
        m_candidates.resize(m_limit);
        m_full = true;
    }

    std::size_t m_limit;
    bool m_full = false; // what stands at m_limit - 1 is the greatest that counts
    std::vector<Candidate> m_candidates;
};

/// The rows of one run, told apart by numbers.
class RunOrder {
public:
    RunOrder(LiveRun const& live, SortOrders& orders, std::vector<SortKey> const& keys)
        : m_run{live.run}, m_keys{keys}, m_columns{live.run} {
        for (auto const& key : keys) {
            if (key.field.empty()) {
                m_orders.push_back(nullptr);
                m_codes.emplace_back();
            } else {
                m_orders.push_back(orders.of(live.run, key.field));
                m_codes.push_back(m_columns.column(key.field).codes);
            }
        }
    }

    [[nodiscard]] Candidate candidate(std::uint32_t row) const {
        Candidate made;
        made.row = row;
        for (std::size_t k = 0; k < m_keys.size(); ++k) {
            if (!m_orders[k]) {
                made.numbers[k] = fid_number(m_run->fids[row], m_keys[k].descending);
                continue;
            }
            auto const rank = m_orders[k]->ranks[m_codes[k][row]];
            made.numbers[k] = rank == ValueOrder::null_rank
                                  ? null_number
                                  : directed(std::uint64_t{rank} * 2 + 1, m_keys[k].descending);
        }
        made.numbers[m_keys.size()] = fid_number(m_run->fids[row], false);
        return made;
    }

    /// Where a place of any row stands among the rows of this run.
    [[nodiscard]] KeyNumbers numbers_of(SortPlace const& place) const {
        KeyNumbers numbers{};
        std::size_t value = 0;
        for (std::size_t k = 0; k < m_keys.size(); ++k)
            numbers[k] = m_orders[k] ? number_of(place.values[value++], k)
                                     : fid_number(place.fid, m_keys[k].descending);
        numbers[m_keys.size()] = fid_number(place.fid, false);
        return numbers;
    }

    [[nodiscard]] SortPlace place(std::uint32_t row) const {
        SortPlace made;
        made.fid = m_run->fids[row];
        for (std::size_t k = 0; k < m_keys.size(); ++k)
            if (m_orders[k])
                made.values.push_back(
                    sort_value(m_columns.column(m_keys[k].field), m_codes[k][row]));
        return made;
    }

private:
    [[nodiscard]] std::uint64_t number_of(geo::Value const& value, std::size_t k) const {
        if (std::holds_alternative<std::monostate>(value)) return null_number;
        auto const column = m_columns.column(m_keys[k].field);
        auto const& codes = m_orders[k]->codes;
        auto const at = std::ranges::lower_bound(
            codes, value, [](auto const& a, auto const& b) { return compare_values(a, b) < 0; },
            [&](std::uint32_t code) { return sort_value(column, code); });
        auto const rank = static_cast<std::uint64_t>(at - codes.begin());
        bool const there = at != codes.end() && compare_values(sort_value(column, *at), value) == 0;
        return directed(rank * 2 + (there ? 1 : 0), m_keys[k].descending);
    }

    std::shared_ptr<tiles::mirror::Run const> m_run;
    std::vector<SortKey> const& m_keys;
    RunColumns m_columns;
    std::vector<std::shared_ptr<ValueOrder const>> m_orders; // by key; null: the fid
    std::vector<std::span<std::uint32_t const>> m_codes;
};

/// Whether `a` stands before `b`.
bool stands_before(SortPlace const& a, SortPlace const& b, std::vector<SortKey> const& keys) {
    std::size_t value = 0;
    for (auto const& key : keys) {
        if (key.field.empty()) {
            if (a.fid != b.fid) return key.descending ? a.fid > b.fid : a.fid < b.fid;
            continue;
        }
        auto const& of_a = a.values[value];
        auto const& of_b = b.values[value++];
        bool const null_a = std::holds_alternative<std::monostate>(of_a);
        bool const null_b = std::holds_alternative<std::monostate>(of_b);
        if (null_a || null_b) {
            if (null_a != null_b) return null_b;
            continue;
        }
        int const order = compare_values(of_a, of_b);
        if (order != 0) return key.descending ? order > 0 : order < 0;
    }
    return a.fid < b.fid;
}

/// Calls `use(row)` for the rows of a run that are asked about.
template <typename Use>
void each_row(LiveRun const& live, std::optional<std::vector<std::int64_t>> const& among,
              geo::Policy const& policy, Use const& use) {
    tiles::mirror::Visibility const sees{live, policy};
    auto const& run = *live.run;
    constexpr std::size_t few = 16; // a search in the run costs about as much as so many rows
    if (among && among->size() < run.size() / few) {
        for (auto const fid : *among)
            if (auto const row = run.find(fid); row && sees(*row)) use(*row);
        return;
    }
    for (std::uint32_t row = 0; row < run.size(); ++row)
        if (sees(row) && (!among || std::ranges::binary_search(*among, run.fids[row]))) use(row);
}

} // namespace

SortedRows sorted_rows(View const& view, SortOrders& orders, std::vector<SortKey> const& keys,
                       std::optional<SortPlace> const& after,
                       std::optional<std::vector<std::int64_t>> const& among, std::size_t limit,
                       geo::Policy const& policy) {
    SortedRows result;
    std::vector<SortPlace> places;
    for (auto const& live : view.layer->runs()) {
        RunOrder const order{live, orders, keys};
        Least least{limit + 1};
        auto const begin = after ? std::optional{order.numbers_of(*after)} : std::nullopt;
        each_row(live, among, policy, [&](std::uint32_t row) {
            ++result.matched;
            auto const candidate = order.candidate(row);
            if (!begin || *begin < candidate.numbers) least.take(candidate);
        });
        for (auto const& candidate : std::move(least).sorted())
            places.push_back(order.place(candidate.row));
    }
    std::ranges::sort(
        places, [&](SortPlace const& a, SortPlace const& b) { return stands_before(a, b, keys); });
    result.more = places.size() > limit;
    if (result.more) places.resize(limit);
    for (auto const& place : places) result.fids.push_back(place.fid);
    if (!places.empty()) result.last = std::move(places.back());
    return result;
}

} // namespace diaban::services::domain
