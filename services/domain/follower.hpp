#pragma once

#include "data/postgis/announcement.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/feed_reader.hpp"
#include "data/postgis/pool.hpp"
#include "data/postgis/row_fetch.hpp"
#include "services/domain/picture.hpp"
#include "services/domain/segments.hpp"
#include "services/domain/telling.hpp"
#include "tiles/cache.hpp"
#include "tiles/cut.hpp"
#include "tiles/mirror/published.hpp"
#include "tiles/pyramid/layer_rows.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace diaban::services::domain {

struct FollowerOptions {
    std::string database;
    std::filesystem::path segments; ///< empty: none are kept
    unsigned load_threads = 2;
    tiles::CutOptions cut{};
    std::chrono::milliseconds poll{50}; ///< how long a change that nobody announced may wait
    Telling::Tell tell;                 ///< is told, on the following thread, what changed
};

/// Keeps the mirrors true: reads the registry and the change feed, brings each change to its
/// mirror, publishes the picture, and forgets the tiles that showed what changed.
///
/// Threads   one follows; another loads collections anew, compacts them and keeps their bases, so
///           that a long load of one never holds up the changes of the others.
/// Order     first the picture, then the cache: a tile made in between is of the new rows;
///           then it is told, so that whoever asks because of it gets them.
/// Faults    with the database gone, the picture stays; the follower tries again.
class Follower {
public:
    Follower(FollowerOptions options, tiles::mirror::Published<Picture>& picture,
             tiles::Cache& cache);
    ~Follower();
    Follower(Follower const&) = delete;
    Follower& operator=(Follower const&) = delete;

    /// Type of the last error; empty if there was none since.
    [[nodiscard]] std::string fault() const;
    /// Waits until readers see the change `seq` of a collection in items and in tiles from its
    /// native zoom up; false if they do not by `end`. Looks at the feed at once.
    bool await_change(std::string const& collection, std::int64_t seq,
                      std::chrono::steady_clock::time_point end);
    /// Waits until something was published or went wrong, at most until `end`.
    void await_news(std::chrono::steady_clock::time_point end);

    struct Counters {
        std::int64_t seq = 0;             ///< place of the feed up to which everything is readable
        bool low_zooms = false;           ///< whether tiles below the native zooms show that too
        std::uint64_t changes = 0;        ///< rows brought to a mirror
        std::uint64_t loads = 0;          ///< collections copied whole
        std::uint64_t mapped = 0;         ///< collections taken from a segment
        std::uint64_t compactions = 0;    ///< deltas brought home
        std::chrono::milliseconds lag{0}; ///< commit to readable, of the last change
    };
    [[nodiscard]] Counters counters() const noexcept;

private:
    static constexpr std::int64_t no_change = std::numeric_limits<std::int64_t>::max();
    /// What is to be done to one collection, since when.
    struct Due {
        bool reload = false;
        std::vector<std::int64_t> fids; ///< changed rows, some more than once
        std::int64_t first = no_change; ///< number of the first change
        std::int64_t seq = 0;           ///< of the last change
        std::optional<geo::Instant> since;
    };
    /// One collection as the follower holds it.
    struct Kept {
        std::shared_ptr<View const> view;
        std::int64_t seq = 0;                 ///< the mirror holds all changes up to here
        std::int64_t base_seq = 0;            ///< its base alone
        bool base_saved = false;              ///< that base is in a segment
        std::size_t measured = 0;             ///< rows when the native zoom was measured
        std::vector<tiles::GridBox> dirty;    ///< where rows changed since the view's pyramid
        std::vector<TilesNews::Cause> causes; ///< the rows that made it dirty
        std::int64_t dirty_first = no_change; ///< number of the first change that did
    };
    struct Work;

    void run();
    /// True if anything was done, so that more may be there.
    bool step();
    void begin();
    void read_registry();
    bool read_changes();
    void take_change(data::postgis::Change const& change);
    void start_anew();
    void demand_load(std::string const& id);
    [[nodiscard]] bool loading(std::string_view id) const noexcept;
    bool apply_changes();
    bool look_ahead();
    void apply(std::string const& id, Due& due);
    void start_work();
    void start_load(std::string const& id);
    void start_merging(Kept& kept);
    void start_compaction(Kept const& kept);
    void start_save(Kept const& kept);
    void start(std::unique_ptr<Work> work);
    void finish_work();
    void take_back(Work& work);
    void install(Work& work);
    void install_load(Work const& work);
    void install_merging(Work& work, Kept& kept);
    void install_compaction(Work const& work, Kept& kept);
    void keep_native_zoom(View const& view);
    void housekeep();
    void restamp();
    void publish();
    [[nodiscard]] bool everything_is_drawn() const;
    [[nodiscard]] std::int64_t fresh_seq() const;
    void tell();
    void note_fault(std::string type);
    void note_shown();

    FollowerOptions m_options;
    tiles::mirror::Published<Picture>& m_picture;
    tiles::Cache& m_cache;
    Segments m_segments;
    data::postgis::Pool m_pool;
    data::postgis::Collections m_collections;
    data::postgis::ChangeFeed m_feed;
    data::postgis::FeedReader m_reader;
    data::postgis::RowFetch m_fetch;
    data::postgis::Listener m_listener;
    Telling m_telling; // of the following thread alone, as is what follows

    std::uint64_t m_record = 0; // identity of the database
    std::vector<data::model::Collection> m_registry;
    bool m_registry_known = false;
    bool m_caught_up = false;                   // with the feed, since the start
    std::vector<data::postgis::Change> m_ahead; // seen before it is their turn
    std::set<std::int64_t> m_looked_at;         // and drawn already
    std::chrono::steady_clock::time_point m_registry_read{};
    std::chrono::steady_clock::time_point m_housekept{};
    std::chrono::steady_clock::time_point m_merging_rests_until{};
    std::map<std::string, Kept> m_kept;
    std::map<std::string, Due> m_due;
    std::optional<data::postgis::Cursor> m_cursor;
    data::postgis::CopyLine m_line; // that collections are loaded on, one after another
    std::unique_ptr<Work> m_work;   // under way
    std::jthread m_worker;
    std::atomic<bool> m_work_done{false};

    std::atomic<std::int64_t> m_seq{0};
    std::atomic<bool> m_low_zooms{false};
    std::atomic<std::uint64_t> m_changes{0};
    std::atomic<std::uint64_t> m_loads{0};
    std::atomic<std::uint64_t> m_mapped{0};
    std::atomic<std::uint64_t> m_compactions{0};
    std::atomic<std::int64_t> m_lag{0};
    std::atomic<bool> m_stop{false};
    mutable std::mutex m_mutex; // for m_fault and m_shown, and for the waiting
    std::condition_variable m_news;
    std::string m_fault;
    std::map<std::string, std::int64_t>
        m_shown; // of each collection: up to where readers see the feed
    std::thread m_thread;
};

} // namespace diaban::services::domain
