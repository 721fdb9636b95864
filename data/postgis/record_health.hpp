#pragma once

#include "data/blob/blob_store.hpp"
#include "geo/feature.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// What the record says of itself to whoever looks after it. Asks as the login of the URI, and
/// where only one of Diaban's roles may ask, as that role; changes nothing.
///
/// Bounds   connecting and each question take five seconds at most.
/// Threads  one at a time.
/// Throws   Error{unavailable, "database-down"}, and whatever else a question meets.
class RecordHealth {
public:
    /// Throws Error{bad_input, "bad-database-uri"}, Error{unavailable, "database-down"}.
    explicit RecordHealth(std::string const& uri);
    ~RecordHealth();
    RecordHealth(RecordHealth const&) = delete;
    RecordHealth& operator=(RecordHealth const&) = delete;

    struct Server {
        int number = 0;       ///< 150012 is 15.12
        std::string version;  ///< as the server writes it
        std::string encoding; ///< of the database
        bool standby = false;
        bool local_zone = false; ///< Asia/Ho_Chi_Minh is known to it, seven hours east of UTC
    };
    [[nodiscard]] Server server() const;
    /// What the server's clock shows.
    [[nodiscard]] geo::Instant clock() const;

    struct Extension {
        std::string name;
        std::string installed; ///< version; empty: not in this database
        std::string available; ///< version; empty: not on the server
    };
    /// Those that Diaban stands on.
    [[nodiscard]] std::vector<Extension> extensions() const;
    /// How many of the 20 systems of VN-2000 PostGIS knows; none without PostGIS.
    [[nodiscard]] int vietnamese_systems() const;

    struct Rights {
        std::vector<std::string>
            absent; ///< roles that are not there; what follows is not looked at then
        std::vector<std::string> closed; ///< roles that the login may not enter; the same
        bool feed_sees_all = false;      ///< diaban_feed passes row-level security
        bool serve_reads = false;        ///< diaban_serve may read the registry and all collections
        bool leakproof = false;          ///< under a policy rows are found by index
    };
    /// Of a migrated database.
    [[nodiscard]] Rights rights() const;

    struct Feed {
        std::int64_t generation = 0;
        std::int64_t head = 0;
        std::int64_t trimmed = 0;
        std::int64_t keep_rows = 0;
        std::chrono::seconds keep_age{0};
        std::chrono::seconds oldest{0}; ///< age of the oldest change that is kept
        std::chrono::seconds behind{0}; ///< age of the oldest change that no node has judged
        std::chrono::seconds held{0};   ///< how long a transaction has kept a number of it open
    };
    /// Of a migrated database.
    [[nodiscard]] Feed feed() const;

    /// At most `most` files that have a row: the latest, and as many again from the name `from` on.
    [[nodiscard]] std::vector<blob::Blob> owned_blobs(std::string const& from, int most) const;
    /// Those of `names` that no row owns.
    [[nodiscard]] std::vector<std::string> orphans(std::vector<std::string> const& names) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
