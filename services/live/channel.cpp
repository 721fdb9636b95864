#include "services/live/channel.hpp"

#include "tiles/grid.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace diaban::services::live {
namespace {

using Clock = std::chrono::steady_clock;
using domain::RowNews;
using domain::TilesNews;

constexpr std::size_t entries_a_turn = 256;     // then the connections get theirs
constexpr std::size_t bytes_a_send = 64u << 10; // and at least one message
constexpr std::size_t beats_a_second = 10;
constexpr std::size_t most_bits = 64;
constexpr std::size_t most_classes = 60'000; // more than clients
constexpr unsigned all_sides = 3;

geo::Instant now() {
    return {std::chrono::duration_cast<std::chrono::microseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
}

/// Between one and three seconds: after a restart not all come back at once.
int retry_ms() {
    static std::minstd_rand random{std::random_device{}()};
    return std::uniform_int_distribution<int>{1000, 3000}(random);
}

std::string const& collection_of(std::variant<RowNews, TilesNews> const& news) {
    auto const* const row = std::get_if<RowNews>(&news);
    return row != nullptr ? row->change.collection : std::get<TilesNews>(news).collection;
}

geo::Box box_of(RowNews const& row) {
    geo::Box box;
    if (row.change.before) box.extend(row.change.before->box);
    if (row.change.after) box.extend(row.change.after->box);
    return box;
}

geo::Box box_of(TilesNews const& tiles) {
    geo::Box box;
    if (tiles.cover)
        for (auto const& cell : tiles.cover->cells()) box.extend(tiles::tile_bounds(cell.tile));
    return box;
}

bool concerns_everyone(std::variant<RowNews, TilesNews> const& news) {
    auto const* const row = std::get_if<RowNews>(&news);
    return row != nullptr ? row->change.operation == data::postgis::Operation::import
                          : !std::get<TilesNews>(news).cover.has_value();
}

} // namespace

Channel::Channel(ChannelOptions options, Ask ask, Later later)
    : m_options{options}, m_ask{std::move(ask)}, m_later{std::move(later)} {}

/// Each collection has a bit; beyond 63 of them the others share the last.
std::uint64_t Channel::bit_of(std::string const& collection) {
    auto const it = std::ranges::find(m_collections, collection);
    auto const place = static_cast<std::size_t>(it - m_collections.begin());
    if (it == m_collections.end() && place < most_bits - 1) m_collections.push_back(collection);
    return std::uint64_t{1} << std::min(place, most_bits - 1);
}

/// Those of equal rights are one class. A place that nobody holds any more is given anew.
std::uint16_t Channel::class_of(std::shared_ptr<access::Rights const> const& rights) {
    auto at = std::ranges::find(
        m_rights, rights->key(), [](auto const& known) -> auto const& { return known->key(); });
    if (at == m_rights.end() && m_rights.size() < most_classes)
        at = m_rights.insert(m_rights.end(), rights);
    if (at != m_rights.end()) return static_cast<std::uint16_t>(at - m_rights.begin());
    std::vector<bool> held(m_rights.size());
    for (auto const& client : m_clients) held[client->m_rights] = true;
    auto const place =
        static_cast<std::size_t>(std::ranges::find(held, false) - held.begin()) % held.size();
    m_rights[place] = rights;
    for (auto& entry : m_log)
        std::erase_if(entry.encodings, [&](Encoding const& made) {
            if (made.rights == place && made.message) m_log_bytes -= made.message->size();
            return made.rights == place;
        });
    return static_cast<std::uint16_t>(place);
}

/// Null: the collection is none of the client's.
geo::Policy const* Channel::policy_of(Client const& client, std::string_view collection) const {
    return m_rights[client.m_rights]->find(collection, access::Action::read);
}

void Channel::join(std::shared_ptr<Client> client, Subscription subscription,
                   access::Visitor const& visitor, std::optional<std::string> last_id) {
    for (auto const& id : subscription.collections) client->m_collections |= bit_of(id);
    if (subscription.collections.empty()) client->m_collections = ~std::uint64_t{0};
    m_watchers.add(*client, subscription.boxes);
    client->m_subscription = std::move(subscription);
    client->m_rights = class_of(visitor.rights);
    client->m_standing = visitor.standing;
    client->m_resumes = last_id.has_value();
    client->m_last_id = std::move(last_id).value_or("");
    client->m_place = m_clients.size();
    m_clients.push_back(client);
    m_subscribers = m_clients.size();
    static auto const nothing_yet = std::make_shared<std::string const>(":\n\n");
    give(*client, {nothing_yet});
}

void Channel::leave(Client& client) {
    auto const place = client.m_place;
    if (place >= m_clients.size() || m_clients[place].get() != &client) return;
    m_watchers.remove(client, client.m_subscription.boxes);
    calm(client);
    client.m_phase = Client::Phase::gone; // what was written to it may be told yet
    std::swap(m_clients[place], m_clients.back());
    m_clients[place]->m_place = place;
    m_clients.pop_back();
    m_subscribers = m_clients.size();
}

/// It is no longer being written to.
void Channel::calm(Client& client) noexcept {
    if (!std::exchange(client.m_sending, false)) return;
    auto const place = client.m_busy_place;
    m_busy[place] = m_busy.back();
    m_busy[place]->m_busy_place = place;
    m_busy.pop_back();
}

void Channel::give(Client& client, std::vector<Message> messages) {
    client.m_idle = false;
    client.m_sent = Clock::now();
    if (!std::exchange(client.m_sending, true)) {
        client.m_busy_place = m_busy.size();
        m_busy.push_back(&client);
    }
    m_messages += messages.size();
    client.send(std::move(messages));
}

void Channel::sent(Client& client) {
    if (client.m_phase == Client::Phase::gone) return;
    calm(client);
    client.m_sent = Clock::now();
    if (m_begun && client.m_phase == Client::Phase::waiting) return start(client);
    pump(client);
}

/// Where a client begins: here, where it was, or after all that it shows is fetched again.
void Channel::start(Client& client) {
    auto const heartbeat = static_cast<int>(m_options.heartbeat.count());
    if (!client.m_resumes) {
        client.m_phase = Client::Phase::streaming;
        client.m_next = end();
        client.m_after = m_position.seq;
        return give(client, {write_start(&m_position, heartbeat, retry_ms())});
    }
    auto const from = read_position(client.m_last_id);
    if (!from) return resync(client, "unknown-id");
    if (from->generation != m_position.generation) return resync(client, "generation");
    if (from->fresh >= m_log_after && from->seq <= m_position.seq) return resume(client, *from);
    bool const is_ahead = from->seq > m_position.seq; // another node was faster
    auto const missing = m_log_after - from->fresh;
    if (!is_ahead && missing > static_cast<std::int64_t>(m_options.log_entries - m_log.size()))
        return resync(client, "retention");
    client.m_phase = Client::Phase::looking;
    look();
}

void Channel::resume(Client& client, Position const& from) {
    client.m_phase = Client::Phase::streaming;
    client.m_after = from.seq;
    auto const it = std::ranges::lower_bound(m_log, from.seq, {},
                                             [](Entry const& entry) { return entry.position.seq; });
    client.m_next = m_first + (it - m_log.begin());
    std::vector<Message> messages{
        write_start(nullptr, static_cast<int>(m_options.heartbeat.count()), retry_ms())};
    add_missed_tiles(client, from, messages);
    give(client, std::move(messages));
}

/// Tiles that were not fresh yet when the client left, of changes that it was told of: it is told
/// once more, of a little more than needed.
void Channel::add_missed_tiles(Client const& client, Position const& from,
                               std::vector<Message>& messages) {
    std::vector<TilesNews> missed;
    for (auto const& entry : m_log) {
        auto const* const row = std::get_if<RowNews>(&entry.news);
        if (entry.position.seq > from.seq) break;
        if (row == nullptr || entry.position.seq <= from.fresh ||
            !client.m_subscription.wants(Kind::tiles) ||
            !client.m_subscription.wants(row->change.collection))
            continue;
        auto const* const policy = policy_of(client, row->change.collection);
        if (policy == nullptr || sides_seen(row->change, *policy, {}) == 0) continue;
        auto it = std::ranges::find(missed, row->change.collection, &TilesNews::collection);
        if (it == missed.end())
            it = missed.insert(it, TilesNews{row->change.collection, tiles::Cover{}, {}});
        if (row->change.operation == data::postgis::Operation::import) it->cover.reset();
        if (!it->cover) continue;
        for (auto const* const side : {&row->change.before, &row->change.after})
            if (*side && !(*side)->box.empty() &&
                policy->sees((*side)->scope, (*side)->sensitivity))
                add_box_cover((*side)->box, *it->cover);
    }
    for (auto& tiles : missed) {
        if (tiles.cover) tiles.cover->finish();
        messages.push_back(write_tiles(tiles, *policy_of(client, tiles.collection), nullptr));
    }
}

void Channel::resync(Client& client, std::string_view reason) {
    client.m_phase = Client::Phase::streaming;
    client.m_next = end();
    client.m_after = m_position.seq;
    ++m_resyncs;
    give(client, {write_resync(m_position, reason)});
}

/// What an entry says to a client; null if it is none of its business.
Message Channel::message_of(Entry& entry, Client const& client) {
    auto const& subscription = client.m_subscription;
    auto const* const policy = policy_of(client, collection_of(entry.news));
    if (policy == nullptr || !subscription.wants(collection_of(entry.news))) return nullptr;
    unsigned sides = all_sides;
    if (auto const* const row = std::get_if<RowNews>(&entry.news)) {
        if (row->change.seq <= client.m_after) return nullptr;
        sides = sides_seen(row->change, *policy, subscription);
        if (sides == 0 || !subscription.wants(kind_of(row->change, sides))) return nullptr;
    } else if (!subscription.wants(Kind::tiles) ||
               (!entry.box.empty() && !subscription.covers(entry.box))) {
        return nullptr;
    }
    for (auto const& made : entry.encodings)
        if (made.rights == client.m_rights && made.sides == sides) return made.message;
    auto message = std::visit(
        [&](auto const& news) {
            if constexpr (std::is_same_v<std::decay_t<decltype(news)>, RowNews>)
                return write_row(news, sides, *policy, entry.position);
            else
                return write_tiles(news, *policy, &entry.position);
        },
        entry.news);
    if (message) m_log_bytes += message->size();
    entry.encodings.push_back({client.m_rights, static_cast<std::uint8_t>(sides), message});
    return message;
}

/// Gives a client what is next for it, if it waits for something.
void Channel::pump(Client& client) {
    if (client.m_sending || client.m_phase != Client::Phase::streaming) return;
    if (client.m_standing->ended()) return client.drop();
    if (client.m_next < m_first) return resync(client, "slow");
    std::vector<Message> messages;
    std::size_t bytes = 0;
    while (client.m_next < end() && bytes < bytes_a_send) {
        auto& entry = m_log[static_cast<std::size_t>(client.m_next++ - m_first)];
        auto message = message_of(entry, client);
        if (!message) continue;
        bytes += message->size();
        messages.push_back(std::move(message));
    }
    client.m_idle = messages.empty();
    if (!client.m_idle) give(client, std::move(messages));
}

void Channel::begin(Position position) {
    bool const again = std::exchange(m_begun, true);
    m_position = position;
    m_first = end();
    m_log.clear();
    m_log_bytes = 0;
    m_untold.clear();
    m_log_after = position.seq;
    for (auto const& client : m_clients) {
        bool const streams = client->m_phase == Client::Phase::streaming;
        if (!streams) client->m_phase = Client::Phase::waiting;
        client->m_next = m_first - 1; // behind the log: a resync comes when it can take it
        if (client->m_sending) continue;
        if (!streams)
            start(*client);
        else if (again)
            resync(*client, "generation");
    }
}

void Channel::tell(domain::News news) {
    Position position{news.cursor.generation, news.cursor.seq, news.fresh};
    if (news.anew) return begin(position);
    auto const told = m_untold.empty() ? m_position
                      : std::holds_alternative<Position>(m_untold.back())
                          ? std::get<Position>(m_untold.back())
                          : std::get<Entry>(m_untold.back()).position;
    for (auto& tiles : news.tiles) {
        auto const box = box_of(tiles);
        m_untold.push_back(Entry{told, std::move(tiles), box, {}});
    }
    for (auto& row : news.rows) {
        auto const seq = row.change.seq;
        auto const box = box_of(row);
        m_lag = double(row.told.microseconds - row.change.at.microseconds) / 1e6;
        m_untold.push_back(
            Entry{{position.generation, seq, std::min(seq, news.fresh)}, std::move(row), box, {}});
    }
    m_untold.push_back(position);
    work();
}

/// Brings what was told to the log and to those who wait for it, some at a time.
void Channel::work() {
    for (std::size_t i = 0; i < entries_a_turn && !m_untold.empty(); ++i) {
        auto next = std::move(m_untold.front());
        m_untold.pop_front();
        if (auto* const entry = std::get_if<Entry>(&next)) {
            append(std::move(*entry));
            fan_out(end() - 1);
        } else {
            m_position = std::get<Position>(next);
        }
    }
    trim();
    count_log();
    if (!m_untold.empty()) m_later([this] { work(); });
}

void Channel::append(Entry entry) {
    m_position = entry.position;
    m_log.push_back(std::move(entry));
}

void Channel::fan_out(std::int64_t number) {
    auto const& entry = m_log.back();
    auto const bit = bit_of(collection_of(entry.news));
    m_found.clear();
    if (concerns_everyone(entry.news))
        for (auto const& client : m_clients) m_found.push_back(client.get());
    else
        m_watchers.find(entry.box, m_found);
    for (auto* const client : m_found) {
        if (!client->m_idle || (client->m_collections & bit) == 0) continue;
        client->m_next = number;
        pump(*client);
    }
}

void Channel::trim() {
    while (!m_log.empty() &&
           (m_log.size() > m_options.log_entries || m_log_bytes > m_options.log_bytes)) {
        auto const& oldest = m_log.front();
        for (auto const& made : oldest.encodings)
            if (made.message) m_log_bytes -= made.message->size();
        m_log_after = std::max(m_log_after, oldest.position.seq);
        m_log.pop_front();
        ++m_first;
    }
}

/// Has the feed read for those who were away longer than the log reaches.
void Channel::look() {
    if (m_asked) return;
    std::optional<std::int64_t> from;
    for (auto const& client : m_clients) {
        if (client->m_phase != Client::Phase::looking) continue;
        auto const position = read_position(client->m_last_id);
        auto const wanted = position->seq > m_position.seq ? position->seq : position->fresh;
        from = std::min(from.value_or(wanted), wanted);
    }
    if (!from) return;
    m_asked = true;
    m_ask({m_position.generation, *from}, m_log_after,
          static_cast<std::uint32_t>(m_options.log_entries));
}

void Channel::found(data::postgis::Cursor from, std::int64_t to, Lookup lookup,
                    std::vector<data::postgis::Change> changes) {
    m_asked = false;
    bool const fits = from.generation == m_position.generation && to == m_log_after;
    if (lookup == Lookup::found && fits && from.seq < m_log_after) {
        for (auto it = changes.rbegin(); it != changes.rend(); ++it) {
            RowNews row;
            row.from_feed = true;
            row.change = std::move(*it);
            auto const seq = row.change.seq;
            auto const box = box_of(row);
            m_log.push_front(Entry{
                {from.generation, seq, std::min(seq, m_position.fresh)}, std::move(row), box, {}});
            --m_first;
        }
        m_log_after = from.seq;
    }
    for (auto const& client : m_clients) {
        if (client->m_phase != Client::Phase::looking) continue;
        auto const position = read_position(client->m_last_id);
        if (lookup == Lookup::failed)
            resync(*client, "record");
        else if (lookup == Lookup::gone || position->generation != m_position.generation)
            resync(*client, "retention");
        else if (position->fresh >= m_log_after)
            resume(*client, *position);
        else if (position->seq == from.seq && lookup == Lookup::found)
            resume(*client, {position->generation, position->seq, position->seq});
    }
    trim();
    count_log();
    look();
}

/// Drops those whose standing has ended: each is looked at once a second.
void Channel::end_streams() {
    auto const count = m_clients.size();
    for (std::size_t i = 0; i < count / beats_a_second + (count > 0 ? 1 : 0); ++i)
        if (auto& client = *m_clients[m_standing_at++ % count]; client.m_standing->ended())
            client.drop();
}

void Channel::beat() {
    auto const time = Clock::now();
    auto const count = m_clients.size();
    std::size_t behind = 0;
    end_streams();
    for (auto* const client : m_busy) {
        behind = std::max(
            behind, static_cast<std::size_t>(std::max<std::int64_t>(0, end() - client->m_next)));
        if (time - client->m_sent < m_options.stall) continue;
        ++m_drops;
        client->drop();
    }
    m_behind = behind;
    // Each in its turn, so that thousands are not written to at once.
    auto const beats = static_cast<std::size_t>(m_options.heartbeat.count()) * beats_a_second;
    Message alive;
    Message ahead;
    for (std::size_t i = 0; i < std::min(count, count / beats + 1); ++i) {
        auto& client = *m_clients[m_beat_at++ % count];
        if (!client.m_idle || time - client.m_sent < m_options.heartbeat / 2) continue;
        bool const is_ahead = client.m_after > m_position.seq;
        auto& message = is_ahead ? ahead : alive;
        if (!message) message = write_alive(is_ahead ? nullptr : &m_position, now());
        give(client, {message});
    }
}

void Channel::count_log() noexcept {
    m_entries = m_log.size();
    m_bytes = m_log_bytes;
}

Channel::Counters Channel::counters() const noexcept {
    return {m_subscribers, m_messages, m_resyncs, m_drops, m_entries, m_bytes, m_behind, m_lag};
}

} // namespace diaban::services::live
