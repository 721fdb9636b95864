#include "services/domain/value_counts.hpp"

#include "tiles/mirror/run_columns.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace diaban::services::domain {

using geo::filter::Answer;
using tiles::mirror::LiveRun;
using tiles::mirror::Run;
using tiles::mirror::Visibility;

std::shared_ptr<ValueCounts::Groups const> ValueCounts::made(Run const& run, std::size_t column) {
    constexpr std::size_t most = 65'536;
    auto groups = std::make_shared<Groups>();
    std::unordered_map<std::uint64_t, std::size_t> places;
    auto const codes = run.columns[column].codes;
    std::size_t last = 0; // neighbours are often alike
    for (std::uint32_t row = 0; row < run.size(); ++row) {
        auto const of_class = run.classes[row];
        auto const code = codes[row];
        if (groups->empty() || (*groups)[last].of_class != of_class ||
            (*groups)[last].code != code) {
            auto const [found, is_new] =
                places.try_emplace(std::uint64_t{of_class} << 32U | code, groups->size());
            if (is_new) groups->push_back({of_class, code, 0, row});
            if (groups->size() > most) return nullptr;
            last = found->second;
        }
        ++(*groups)[last].rows;
    }
    return groups;
}

std::shared_ptr<ValueCounts::Groups const> ValueCounts::of(std::shared_ptr<Run const> const& run,
                                                           std::size_t column) {
    constexpr std::size_t most_entries = 64;
    std::lock_guard const lock{m_mutex}; // who comes meanwhile would make the same
    std::erase_if(m_entries, [](Entry const& entry) { return entry.run.expired(); });
    for (auto const& entry : m_entries)
        if (entry.column == column && entry.run.lock() == run) return entry.groups;
    if (m_entries.size() >= most_entries) m_entries.erase(m_entries.begin());
    return m_entries.emplace_back(run, column, made(*run, column)).groups;
}

std::uint64_t ValueCounts::matching(LiveRun const& live, Groups const& groups, std::size_t column,
                                    geo::filter::Filter const& filter, geo::Policy const& policy) {
    auto const& run = *live.run;
    tiles::mirror::RunColumns const columns{live.run};
    geo::filter::Evaluation const evaluation{filter, columns, groups.size()};
    std::vector<std::uint32_t> asked;
    for (auto const& group : groups) asked.push_back(group.row);
    std::vector<Answer> answers(asked.size());
    evaluation.rows(asked, answers);

    std::vector<bool> seen;
    for (auto const& of : run.class_table) seen.push_back(policy.sees(of.scope, of.sensitivity));
    std::vector<bool> matches(run.columns[column].places.size());
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (answers[i] != Answer::yes) continue;
        matches[groups[i].code] = true;
        if (seen[groups[i].of_class]) count += groups[i].rows;
    }
    if (!live.dead) return count;
    for (std::size_t word = 0; word < live.dead->bits.size(); ++word)
        for (auto bits = live.dead->bits[word]; bits != 0; bits &= bits - 1) {
            auto const row = word * 64 + std::size_t(std::countr_zero(bits));
            if (seen[run.classes[row]] && matches[run.columns[column].codes[row]]) --count;
        }
    return count;
}

std::optional<std::uint64_t> ValueCounts::count(View const& view, Choice const& choice,
                                                geo::Policy const& policy) {
    auto const& layer = *view.layer;
    if (!choice.boxes.empty() || (choice.period && layer.timed())) return std::nullopt;
    if (!choice.filter) return layer.count(policy).rows;
    auto const& columns = layer.base().columns;
    auto const asked = std::ranges::find_if(columns, [&](tiles::mirror::Column const& column) {
        return choice.filter->asks_only(column.field->name);
    });
    if (asked == columns.end()) return std::nullopt;
    auto const column = std::size_t(asked - columns.begin());
    std::uint64_t count = 0;
    for (auto const& live : layer.runs()) {
        auto const groups = of(live.run, column);
        if (!groups) return std::nullopt;
        count += matching(live, *groups, column, *choice.filter, policy);
    }
    return count;
}

} // namespace diaban::services::domain
