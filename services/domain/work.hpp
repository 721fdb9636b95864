#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"
#include "services/domain/working_time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// Something that was asked of an office, about an indicator, a place, a report, …
struct Task {
    std::int64_t fid = 0;
    std::string title;
    std::string subject_kind; ///< indicator, place, report, alert, dossier, directive
    std::string subject;
    std::string place_code;
    std::string office;
    geo::Instant deadline;
    std::string state; ///< open, reported, returned, accepted
    std::string evidence;
    std::optional<geo::Instant> reported_at;
    std::string reason; ///< why it was returned
    std::string asked_by;
    std::string closed_by;
};
/// All that the policy sees, by deadline. Read from the mirror.
[[nodiscard]] std::vector<Task> read_tasks(View const& tasks, geo::Policy const& policy);
/// Whether it is past its deadline: by when it was reported, where it is, or by now.
[[nodiscard]] bool is_overdue(Task const& task, geo::Instant now) noexcept;

/// A dossier of a public service.
struct ServiceDossier {
    std::int64_t fid = 0;
    std::string number;
    std::string procedure;
    std::string office;
    std::string level; ///< province, commune; district until June 2025
    std::string place_code;
    geo::Instant submitted_at;
    double working_hours = 0;
    std::string state; ///< received, paused, settled, refused
    std::optional<geo::Instant> settled_at;
    std::map<std::string, bool, std::less<>> marks; ///< published, digitised, … where it is said
};
[[nodiscard]] std::vector<ServiceDossier> read_dossiers(View const& dossiers,
                                                        geo::Policy const& policy);
/// Pauses by number of the dossier.
[[nodiscard]] std::map<std::string, std::vector<Pause>> read_pauses(View const& pauses,
                                                                    geo::Policy const& policy);
[[nodiscard]] std::vector<Holiday> read_holidays(View const& holidays, geo::Policy const& policy);

/// How a dossier's time stands.
struct Clock {
    std::optional<geo::Instant> deadline; ///< absent while it stands still
    WorkingTime::Duration used{0};
    bool late = false; ///< settled after its deadline, or not settled and past it
};
[[nodiscard]] Clock clock_of(ServiceDossier const& dossier, WorkingTime const& time,
                             std::vector<Pause> const& pauses, geo::Instant now);

/// Dossiers of an office and level.
struct ServiceCount {
    std::uint64_t received = 0;
    std::uint64_t in_time = 0; ///< settled in time
    std::uint64_t late = 0;    ///< settled late
    std::uint64_t under_way = 0;
    std::uint64_t overdue = 0; ///< of those under way
    std::uint64_t paused = 0;  ///< waiting for the citizen
    std::uint64_t refused = 0;

    void add(ServiceDossier const& dossier, Clock const& clock) noexcept;
};

/// What a criterion of service can score at most.
struct ServiceScore {
    std::string part;
    std::int64_t group = 0;
    std::string title;
    double points = 0;
    geo::Date since;
};
/// Those in force on the day: of the last decision that is not later.
[[nodiscard]] std::vector<ServiceScore> read_scores(View const& scores, geo::Policy const& policy,
                                                    geo::Date on);

/// A criterion as it was met: the share of those dossiers of which it is said.
struct ScoredPart {
    ServiceScore score;
    std::uint64_t met = 0;
    std::uint64_t counted = 0; ///< none: nothing can be scored
    [[nodiscard]] std::optional<double> points() const {
        if (counted == 0) return std::nullopt;
        return score.points * double(met) / double(counted);
    }
};
/// `count` gives what was settled in time and late, overdue ones among the latter.
[[nodiscard]] std::vector<ScoredPart> score(std::span<ServiceScore const> scores,
                                            std::span<ServiceDossier const> dossiers,
                                            ServiceCount const& count);

/// What an office was told to do, by whom, and by when.
struct Directive {
    std::int64_t fid = 0;
    std::string number;
    std::optional<geo::Date> issued_on;
    std::string issuer;
    std::string office;
    std::string subject;
    std::optional<geo::Date> deadline;
    std::string state; ///< open, done
    std::optional<geo::Date> done_on;
    std::string places;
    std::string parcels;
    std::string events;
};
/// Those of which number, subject, issuer or office hold every word of `text`, with or without
/// accents; those that hold it as it is typed come first, of equals the latest. Empty: all.
[[nodiscard]] std::vector<Directive> find_directives(View const& directives, std::string_view text,
                                                     geo::Policy const& policy);
[[nodiscard]] bool is_overdue(Directive const& directive, geo::Date today) noexcept;

} // namespace diaban::services::domain
