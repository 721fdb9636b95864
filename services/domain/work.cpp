#include "services/domain/work.hpp"

#include "services/domain/column_values.hpp"
#include "services/domain/fold.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

namespace diaban::services::domain {

namespace {

using Columns = std::span<ColumnValues const>;

constexpr std::array<std::string_view, 5> marks{"published", "digitised", "online", "paid_online",
                                                "satisfied"};

/// Letters of ASCII in lower case; others, accents among them, as they are.
std::string lower_ascii(std::string_view text) {
    std::string lower{text};
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

} // namespace

std::vector<Task> read_tasks(View const& tasks, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 12> names{
        "title", "subject_kind", "subject",     "place_code", "office",   "deadline",
        "state", "evidence",     "reported_at", "reason",     "asked_by", "closed_by"};
    std::vector<Task> found;
    for_each_row(tasks, policy, names, [&](std::int64_t fid, Columns at, std::size_t row) {
        found.push_back({fid, at[0].text(row), at[1].text(row), at[2].text(row), at[3].text(row),
                         at[4].text(row), at[5].instant(row).value_or(geo::Instant{}),
                         at[6].text(row), at[7].text(row), at[8].instant(row), at[9].text(row),
                         at[10].text(row), at[11].text(row)});
    });
    std::ranges::sort(found, {}, [](Task const& task) {
        return std::pair{task.deadline, task.fid};
    });
    return found;
}

bool is_overdue(Task const& task, geo::Instant now) noexcept {
    if (task.state == "accepted") return false;
    bool const reported = task.state == "reported" && task.reported_at;
    return (reported ? *task.reported_at : now) > task.deadline;
}

std::vector<ServiceDossier> read_dossiers(View const& dossiers, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 14> names{
        "number",       "procedure",     "office",      "level",      "place_code",
        "submitted_at", "working_hours", "state",       "settled_at", "published",
        "digitised",    "online",        "paid_online", "satisfied"};
    constexpr std::size_t first_mark = 9;
    std::vector<ServiceDossier> found;
    for_each_row(dossiers, policy, names, [&](std::int64_t fid, Columns at, std::size_t row) {
        auto& made = found.emplace_back(ServiceDossier{fid,
                                                       at[0].text(row),
                                                       at[1].text(row),
                                                       at[2].text(row),
                                                       at[3].text(row),
                                                       at[4].text(row),
                                                       at[5].instant(row).value_or(geo::Instant{}),
                                                       at[6].number(row).value_or(0),
                                                       at[7].text(row),
                                                       at[8].instant(row),
                                                       {}});
        for (std::size_t i = 0; i < marks.size(); ++i)
            if (auto const said = at[first_mark + i].truth(row))
                made.marks.emplace(marks[i], *said);
    });
    return found;
}

std::map<std::string, std::vector<Pause>> read_pauses(View const& pauses,
                                                      geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 3> names{"number", "from_at", "until_at"};
    std::map<std::string, std::vector<Pause>> found;
    for_each_row(pauses, policy, names, [&](std::int64_t, Columns at, std::size_t row) {
        if (auto const from = at[1].instant(row))
            found[at[0].text(row)].push_back({*from, at[2].instant(row)});
    });
    return found;
}

std::vector<Holiday> read_holidays(View const& holidays, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 2> names{"day", "worked"};
    std::vector<Holiday> found;
    for_each_row(holidays, policy, names, [&](std::int64_t, Columns at, std::size_t row) {
        if (auto const day = at[0].day(row))
            found.push_back({*day, at[1].truth(row).value_or(false)});
    });
    return found;
}

Clock clock_of(ServiceDossier const& dossier, WorkingTime const& time,
               std::vector<Pause> const& pauses, geo::Instant now) {
    auto const term = WorkingTime::Duration{std::llround(dossier.working_hours * 3.6e9)};
    auto const end = dossier.settled_at.value_or(now);
    Clock clock;
    clock.deadline = time.deadline(dossier.submitted_at, term, pauses);
    clock.used = time.used(dossier.submitted_at, end, pauses);
    clock.late = dossier.state != "refused" && clock.deadline && end > *clock.deadline;
    return clock;
}

void ServiceCount::add(ServiceDossier const& dossier, Clock const& clock) noexcept {
    ++received;
    if (dossier.state == "refused") {
        ++refused;
    } else if (dossier.state == "settled") {
        ++(clock.late ? late : in_time);
    } else {
        ++under_way;
        paused += dossier.state == "paused";
        overdue += clock.late;
    }
}

std::vector<ServiceScore> read_scores(View const& scores, geo::Policy const& policy, geo::Date on) {
    static constexpr std::array<std::string_view, 5> names{"part", "part_group", "title", "points",
                                                           "since"};
    std::vector<ServiceScore> found;
    for_each_row(scores, policy, names, [&](std::int64_t, Columns at, std::size_t row) {
        auto const since = at[4].day(row);
        if (since && *since <= on)
            found.push_back({at[0].text(row), std::int64_t(at[1].number(row).value_or(0)),
                             at[2].text(row), at[3].number(row).value_or(0), *since});
    });
    auto const last = std::ranges::max_element(found, {}, &ServiceScore::since);
    if (last != found.end())
        std::erase_if(found, [day = last->since](auto const& one) { return one.since != day; });
    std::ranges::sort(found, {},
                      [](ServiceScore const& one) { return std::tie(one.group, one.part); });
    return found;
}

std::vector<ScoredPart> score(std::span<ServiceScore const> scores,
                              std::span<ServiceDossier const> dossiers, ServiceCount const& count) {
    std::vector<ScoredPart> parts;
    for (auto const& one : scores) {
        auto& part = parts.emplace_back(ScoredPart{one, 0, 0});
        if (one.part == "in_time") {
            part.met = count.in_time;
            part.counted = count.in_time + count.late + count.overdue;
            continue;
        }
        for (auto const& dossier : dossiers) {
            auto const said = dossier.marks.find(one.part);
            if (said == dossier.marks.end()) continue;
            ++part.counted;
            part.met += said->second;
        }
    }
    return parts;
}

std::vector<Directive> find_directives(View const& directives, std::string_view text,
                                       geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 11> names{
        "number", "issued_on", "issuer", "office",  "subject", "deadline",
        "state",  "done_on",   "places", "parcels", "events"};
    auto const words = fold(text);
    auto const typed = lower_ascii(text);
    struct Found {
        Directive directive;
        bool typed = false; ///< it holds the text as it is
    };
    std::vector<Found> found;
    for_each_row(directives, policy, names, [&](std::int64_t fid, Columns at, std::size_t row) {
        Directive one{fid,
                      at[0].text(row),
                      at[1].day(row),
                      at[2].text(row),
                      at[3].text(row),
                      at[4].text(row),
                      at[5].day(row),
                      at[6].text(row),
                      at[7].day(row),
                      at[8].text(row),
                      at[9].text(row),
                      at[10].text(row)};
        auto const whole = one.number + " " + one.subject + " " + one.issuer + " " + one.office;
        if (holds_words(fold(whole), words))
            found.push_back({std::move(one), lower_ascii(whole).find(typed) != std::string::npos});
    });
    std::ranges::sort(found, [](Found const& a, Found const& b) {
        return std::tuple{!a.typed, b.directive.issued_on, b.directive.fid} <
               std::tuple{!b.typed, a.directive.issued_on, a.directive.fid};
    });
    std::vector<Directive> sorted;
    for (auto& one : found) sorted.push_back(std::move(one.directive));
    return sorted;
}

bool is_overdue(Directive const& directive, geo::Date today) noexcept {
    return directive.state == "open" && directive.deadline && *directive.deadline < today;
}

} // namespace diaban::services::domain
