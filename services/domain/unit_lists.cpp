#include "services/domain/unit_lists.hpp"

#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <set>

namespace diaban::services::domain {

namespace {

using geo::statistics::UnitLink;

void sort_once(std::vector<UnitLink>& links) {
    auto const key = [](UnitLink const& link) { return std::pair{link.from, link.to}; };
    std::ranges::sort(links, {}, key);
    auto const again = std::ranges::unique(links, {}, key);
    links.erase(again.begin(), again.end());
}

} // namespace

std::optional<UnitLevel> unit_level(std::string_view name) noexcept {
    if (name == "province") return UnitLevel::province;
    if (name == "district") return UnitLevel::district;
    if (name == "commune") return UnitLevel::commune;
    return std::nullopt;
}

std::string_view to_string(UnitLevel level) noexcept {
    if (level == UnitLevel::province) return "province";
    return level == UnitLevel::district ? "district" : "commune";
}

UnitLists::UnitLists(std::shared_ptr<PlaceIndex const> places,
                     std::vector<data::model::Succession> const& crosswalk)
    : m_places{std::move(places)} {
    if (!crosswalk.empty()) m_effective = crosswalk.front().effective;
    auto const today = local_today();
    list(Vintage::present, m_effective ? std::max(*m_effective, today) : today);
    if (m_effective) {
        list(Vintage::former, geo::Date{m_effective->days - 1});
        pair(crosswalk);
        add_unlinked();
    }
    link_all();
}

void UnitLists::list(Vintage vintage, geo::Date day) {
    auto& [units, by_code] = m_lists[std::size_t(vintage)];
    for (auto const& entry : m_places->entries()) {
        auto const level = unit_level(entry.place.level);
        if (level && existed(entry.place, day)) units.push_back({&entry, *level, {}});
    }
    std::ranges::sort(units, {}, [](ListedUnit const& unit) { return unit.code(); });
    for (std::uint32_t i = 0; i < units.size(); ++i) by_code.emplace(units[i].code(), i);
    for (std::uint32_t i = 0; i < units.size(); ++i) {
        auto& unit = units[i];
        auto const& place = unit.place();
        unit.up[std::size_t(UnitLevel::province)] = find(vintage, place.province_code);
        if (!place.district_code.empty())
            unit.up[std::size_t(UnitLevel::district)] = find(vintage, place.district_code);
        unit.up[std::size_t(unit.level)] = i;
    }
}

std::optional<std::uint32_t> UnitLists::find(Vintage vintage, std::string_view code) const {
    auto const& by_code = m_lists[std::size_t(vintage)].by_code;
    auto const at = by_code.find(code);
    return at == by_code.end() ? std::nullopt : std::optional{at->second};
}

void UnitLists::pair(std::vector<data::model::Succession> const& crosswalk) {
    std::vector<std::pair<std::uint32_t, std::string>> nameless; // old unit, code that is not known
    std::set<std::uint32_t> reached;
    for (auto const& succession : crosswalk) {
        auto const old_unit = find(Vintage::former, succession.old_code);
        auto const new_unit = find(Vintage::present, succession.new_code);
        if (new_unit) reached.insert(*new_unit);
        if (old_unit && new_unit)
            m_pairs.push_back({*old_unit, *new_unit});
        else if (old_unit)
            nameless.emplace_back(*old_unit, succession.new_code);
    }
    auto const& units = m_lists[std::size_t(Vintage::present)].units;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> orphans; // by province
    for (std::uint32_t i = 0; i < units.size(); ++i)
        if (units[i].level == UnitLevel::commune && !reached.contains(i) && units[i].up[0])
            orphans[*units[i].up[0]].push_back(i);
    for (auto const& [old_unit, code] : nameless) {
        auto const province = m_lists[std::size_t(Vintage::former)].units[old_unit].up[0];
        for (auto const& [by, of] : orphans) {
            bool const same = std::ranges::any_of(m_pairs, [&](Pair const& pair) {
                return m_lists[0].units[pair.old_unit].up[0] == province &&
                       units[pair.new_unit].up[0] == by;
            });
            if (same && of.size() == 1) m_pairs.push_back({old_unit, of.front()});
        }
    }
}

void UnitLists::add_unlinked() {
    auto const& units = m_lists[std::size_t(Vintage::former)].units;
    std::vector<bool> paired(units.size());
    for (auto const& pair : m_pairs) paired[pair.old_unit] = true;
    for (std::uint32_t i = 0; i < units.size(); ++i)
        if (units[i].level == UnitLevel::commune && !paired[i]) m_unlinked.push_back(i);
}

std::vector<UnitLink> UnitLists::paired(Vintage from, UnitLevel from_level, Vintage to,
                                        UnitLevel to_level) const {
    std::vector<UnitLink> links;
    auto const& sources = m_lists[std::size_t(from)].units;
    auto const& targets = m_lists[std::size_t(to)].units;
    auto const add = [&](ListedUnit const& source, ListedUnit const& target) {
        auto const a = source.up[std::size_t(from_level)];
        auto const b = target.up[std::size_t(to_level)];
        if (a && b) links.push_back({*a, *b, {}});
    };
    if (from == to)
        for (auto const& unit : sources) {
            if (unit.level == from_level) add(unit, unit);
        }
    else
        for (auto const& pair : m_pairs)
            from == Vintage::former ? add(sources[pair.old_unit], targets[pair.new_unit])
                                    : add(sources[pair.new_unit], targets[pair.old_unit]);
    sort_once(links);
    return links;
}

std::vector<UnitLink> UnitLists::linked(Vintage from, UnitLevel from_level, Vintage to,
                                        UnitLevel to_level) const {
    auto links = paired(from, from_level, to, to_level);
    if (from != Vintage::former || to != Vintage::present || to_level != UnitLevel::province ||
        from_level != UnitLevel::commune)
        return links;
    // What the table leaves out lies where all of its province went.
    auto const provinces = paired(from, UnitLevel::province, to, UnitLevel::province);
    for (auto const unit : m_unlinked) {
        auto const province = m_lists[std::size_t(from)].units[unit].up[0];
        auto const there =
            std::ranges::equal_range(provinces, province.value_or(~0U), {}, &UnitLink::from);
        if (there.size() == 1) links.push_back({unit, there.front().to, {}});
    }
    sort_once(links);
    return links;
}

void UnitLists::link_all() {
    for (auto const from : {Vintage::former, Vintage::present})
        for (auto const from_level : levels)
            for (auto const to : {Vintage::former, Vintage::present})
                for (auto const to_level : levels)
                    m_links[place_of(from, from_level, to, to_level)] =
                        linked(from, from_level, to, to_level);
}

std::vector<UnitLists::Relative> UnitLists::relatives(Vintage vintage, std::uint32_t unit) const {
    auto const other = vintage == Vintage::former ? Vintage::present : Vintage::former;
    auto const level = m_lists[std::size_t(vintage)].units[unit].level;
    auto const to_level =
        level == UnitLevel::district && other == Vintage::present ? UnitLevel::commune : level;
    auto const& there = links(vintage, level, other, to_level);
    std::vector<std::uint32_t> ways(m_lists[std::size_t(Vintage::former)].units.size());
    for (auto const& link : there) ++ways[vintage == Vintage::former ? link.from : link.to];
    std::vector<Relative> found;
    for (auto const& link : there)
        if (link.from == unit)
            found.push_back({link.to, ways[vintage == Vintage::former ? link.from : link.to] == 1});
    return found;
}

std::shared_ptr<UnitLists const>
UnitListCache::of(std::shared_ptr<PlaceIndex const> const& places) {
    {
        std::lock_guard const lock{m_mutex};
        if (m_made_of == places) return m_lists;
    }
    auto made = std::make_shared<UnitLists const>(places, m_places.latest_crosswalk());
    std::lock_guard const lock{m_mutex};
    m_made_of = places;
    m_lists = made;
    return made;
}

} // namespace diaban::services::domain
