#pragma once

#include "services/access/visitor.hpp"
#include "services/domain/news.hpp"
#include "services/live/message.hpp"
#include "services/live/position.hpp"
#include "services/live/subscription.hpp"
#include "services/live/watchers.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace diaban::services::live {

class Channel;

/// One client, as the channel knows it. An edge derives its connection from it.
class Client {
public:
    Client() = default;
    virtual ~Client() = default;
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    /// Writes these, in order, and calls Channel::sent when that is done: later, never at once.
    /// Not called again before.
    virtual void send(std::vector<Message> messages) = 0;
    /// Ends the connection, later: the client has read nothing for too long.
    virtual void drop() = 0;

private:
    friend class Channel;
    enum class Phase : std::uint8_t { waiting, looking, streaming, gone };

    Subscription m_subscription;
    std::string m_last_id;
    Phase m_phase = Phase::waiting;
    bool m_resumes = false;
    bool m_sending = false;
    bool m_idle = false; // has everything that there is for it
    std::uint16_t m_rights = 0;
    std::shared_ptr<access::Standing const> m_standing;
    std::uint64_t m_collections = 0;                // their bits
    std::size_t m_place = 0;                        // among the channel's clients
    std::size_t m_busy_place = 0;                   // among those that are being written to
    std::int64_t m_next = 0;                        // entry of the log
    std::int64_t m_after = 0;                       // changes up to here it has
    std::chrono::steady_clock::time_point m_sent{}; // or began to be
};

struct ChannelOptions {
    std::size_t log_entries = 20'000;  ///< what is kept for those who are behind or come back
    std::size_t log_bytes = 32u << 20; ///< of messages
    std::chrono::seconds heartbeat{15};
    std::chrono::seconds stall{30}; ///< a client that takes nothing for so long is dropped
};

/// Tells each subscriber every change of the feed that it may see and asked for, once and in order.
///
/// Method    one log, in the feed's order, that all clients read at their own pace, each with a
///           place of its own: a slow one costs no memory and no one waits for it. One that falls
///           behind the log is told to resync. What is older than the log is read from the feed.
/// Messages  made when first needed, once for all who see the same sides under equal rights.
/// Threads   one; counters are for any.
class Channel {
public:
    /// To read the feed after `from`, up to `to`, at most `limit` changes, and call `found` later.
    using Ask =
        std::function<void(data::postgis::Cursor from, std::int64_t to, std::uint32_t limit)>;
    /// To call something soon, on the same thread.
    using Later = std::function<void(std::function<void()>)>;

    Channel(ChannelOptions options, Ask ask, Later later);

    /// `last_id`: of the last event the client got; it goes on from there. When the visitor's
    /// standing ends the client is told nothing more and dropped.
    void join(std::shared_ptr<Client> client, Subscription subscription,
              access::Visitor const& visitor, std::optional<std::string> last_id);
    void leave(Client& client);
    /// What it was given is written.
    void sent(Client& client);
    void tell(domain::News news);

    enum class Lookup : std::uint8_t { found, gone, failed };
    /// The answer to Ask: `gone` if the feed does not reach so far back.
    void found(data::postgis::Cursor from, std::int64_t to, Lookup lookup,
               std::vector<data::postgis::Change> changes);
    /// To be called every 100 ms.
    void beat();

    struct Counters {
        std::size_t subscribers = 0;
        std::uint64_t messages = 0; ///< handed to connections
        std::uint64_t resyncs = 0;
        std::uint64_t drops = 0;
        std::size_t log_entries = 0;
        std::size_t log_bytes = 0;
        std::size_t behind = 0; ///< entries that the slowest client has before it
        double lag_seconds = 0; ///< commit to hand-over, of the last change
    };
    [[nodiscard]] Counters counters() const noexcept;

private:
    struct Encoding {
        std::uint16_t rights;
        std::uint8_t sides;
        Message message;
    };
    struct Entry {
        Position position;
        std::variant<domain::RowNews, domain::TilesNews> news;
        geo::Box box; // empty: everywhere or nowhere
        std::vector<Encoding> encodings;
    };
    [[nodiscard]] std::int64_t end() const noexcept {
        return m_first + static_cast<std::int64_t>(m_log.size());
    }
    [[nodiscard]] std::uint64_t bit_of(std::string const& collection);
    [[nodiscard]] std::uint16_t class_of(std::shared_ptr<access::Rights const> const& rights);
    [[nodiscard]] geo::Policy const* policy_of(Client const& client,
                                               std::string_view collection) const;
    void begin(Position position);
    void start(Client& client);
    void resume(Client& client, Position const& from);
    void resync(Client& client, std::string_view reason);
    void give(Client& client, std::vector<Message> messages);
    [[nodiscard]] Message message_of(Entry& entry, Client const& client);
    void add_missed_tiles(Client const& client, Position const& from,
                          std::vector<Message>& messages);
    void pump(Client& client);
    void calm(Client& client) noexcept;
    void work();
    void append(Entry entry);
    void fan_out(std::int64_t number);
    void trim();
    void look();
    void end_streams();
    void count_log() noexcept;

    ChannelOptions m_options;
    Ask m_ask;
    Later m_later;
    bool m_begun = false;
    Position m_position;
    std::int64_t m_log_after = 0; // the log holds all changes after this one
    std::int64_t m_first = 0;     // number of the first entry
    std::deque<Entry> m_log;
    std::size_t m_log_bytes = 0;
    std::deque<std::variant<Entry, Position>> m_untold;
    std::vector<std::shared_ptr<Client>> m_clients;
    std::vector<Client*> m_busy; // those that are being written to
    Watchers m_watchers;
    std::vector<Client*> m_found;                                // of one entry
    std::vector<std::string> m_collections;                      // by bit
    std::vector<std::shared_ptr<access::Rights const>> m_rights; // by class
    bool m_asked = false;
    std::size_t m_beat_at = 0;
    std::size_t m_standing_at = 0;

    std::atomic<std::size_t> m_subscribers{0};
    std::atomic<std::uint64_t> m_messages{0};
    std::atomic<std::uint64_t> m_resyncs{0};
    std::atomic<std::uint64_t> m_drops{0};
    std::atomic<std::size_t> m_entries{0};
    std::atomic<std::size_t> m_bytes{0};
    std::atomic<std::size_t> m_behind{0};
    std::atomic<double> m_lag{0};
};

} // namespace diaban::services::live
