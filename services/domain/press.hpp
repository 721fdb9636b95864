#pragma once

#include "data/model/edit.hpp"
#include "data/postgis/report_store.hpp"
#include "geo/period.hpp"
#include "services/domain/atlas.hpp"
#include "services/domain/editing.hpp"
#include "services/domain/feed.hpp"
#include "services/domain/mentions.hpp"
#include "services/domain/picture.hpp"
#include "services/domain/puller.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// What a publisher told, as the record has it.
struct PressItem {
    struct Place {
        std::string code; ///< of a present unit
        double certainty = 0;
    };

    std::int64_t fid = 0;
    std::string title;
    std::string summary;
    std::string link;
    std::string source;
    std::optional<geo::Instant> published_at;
    std::optional<geo::Instant> arrived_at;
    std::string topic;
    std::vector<Place> places; ///< the surest first
    std::vector<std::int64_t> reports;

    /// When it was published, or came where nobody says.
    [[nodiscard]] geo::Instant at() const noexcept;
};

/// Items that hold every word of `text`, accents and case aside; the newest first.
[[nodiscard]] std::vector<PressItem> find_press(View const& items, std::string_view text,
                                                geo::Policy const& policy);

/// `18739=0.95,42=0.7`, and back; what cannot be read is left out.
[[nodiscard]] std::string places_text(std::span<PressItem::Place const> places);
[[nodiscard]] std::vector<PressItem::Place> read_places(std::string_view text);
/// `12,34`, and back.
[[nodiscard]] std::string reports_text(std::span<std::int64_t const> reports);
[[nodiscard]] std::vector<std::int64_t> read_reports(std::string_view text);

/// The topic whose words a text holds most of, accents and case aside; `otherwise` where it holds
/// none.
[[nodiscard]] std::string topic_of(std::string_view text,
                                   std::span<data::postgis::PressWord const> words,
                                   std::string const& otherwise);

/// Keeps what finds names for the units that were asked about last.
///
/// Threads  any number may ask.
class MentionsKeeper {
public:
    [[nodiscard]] std::shared_ptr<Mentions const> of(std::shared_ptr<UnitLists const> const& lists);

private:
    std::mutex m_mutex;
    std::shared_ptr<UnitLists const> m_made_of;
    std::shared_ptr<Mentions const> m_made;
};

/// What comes in from one source at one time.
struct PressIntake {
    std::string source;
    std::string topic; ///< where words tell none
    std::span<FeedItem const> items;
};

/// The rows that an intake makes: items whose link the record has, whoever brought it, and those
/// that come twice, make none.
/// `seen`  units that may be named to who brings them.
[[nodiscard]] std::vector<data::model::Edit>
press_edits(View const& items, PressIntake const& intake,
            std::span<data::postgis::PressWord const> words, Mentions const& mentions,
            Mentions::Seen const& seen, geo::Instant now);

/// A feed that is asked on a schedule.
struct PressSource {
    PullSource pull;
    std::string name;
    std::string topic;
};
[[nodiscard]] std::vector<PressSource> read_press_sources(View const& sources,
                                                          geo::Policy const& policy);

/// What intake of press stands on. Borrowed.
struct PressGround {
    Atlas& atlas;
    Editing const& editing;
    data::postgis::ReportStore const& store;
    std::shared_ptr<UnitListCache> lists;
    std::shared_ptr<MentionsKeeper> mentions;
};
/// Feeds, for a Puller.
[[nodiscard]] PullKind press_pull(PressGround const& ground);

} // namespace diaban::services::domain
