#pragma once

#include "data/postgis/pool.hpp"
#include "data/postgis/send_limits.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Who answers a report, and within which time.
struct ReportRoute {
    std::string agency;
    std::int32_t days = 0;
};

/// A word between a reporter and an office.
struct ReportMessage {
    std::int64_t id = 0;
    geo::Instant at;
    bool office = false; ///< else the citizen's
    std::string author;  ///< login of an office's; empty of a citizen's
    std::string text;
};

/// A word by which a topic of the press is told.
struct PressWord {
    std::string topic;
    std::string word;
};

/// What belongs to reports, and to what the press tells, beside their rows.
///
/// Pools    serve reads, edit writes.
/// Policy   of messages and photos the caller has seen the report; `photo_shown` asks by policy.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class ReportStore {
public:
    ReportStore(Pool& serve, Pool& edit) : m_serve{serve}, m_edit{edit} {}

    /// Of the category in the unit, or everywhere; of `other` where it has none.
    [[nodiscard]] ReportRoute route(std::string const& category, std::string const& unit) const;

    [[nodiscard]] std::vector<ReportMessage> messages(std::int64_t fid) const;
    void add_message(std::int64_t fid, ReportMessage const& message) const;

    /// The report whose reporter holds the secret of that hash.
    [[nodiscard]] std::optional<std::int64_t> find_token(std::string const& hash,
                                                         geo::Policy const& policy) const;

    void keep_photo(std::string const& sha256, std::uint64_t size) const;
    [[nodiscard]] bool photo_shown(std::string const& sha256, geo::Policy const& policy) const;

    [[nodiscard]] std::vector<PressWord> press_words() const;

    /// Counts one more of each, or none.
    /// Throws   Error{unavailable, "too-many-reports"} where one of them is sent too often.
    void count_sent(std::span<SendLimit const> limits) const;

private:
    Pool& m_serve;
    Pool& m_edit;
};

} // namespace diaban::data::postgis
