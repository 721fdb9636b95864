#include "data/postgis/camera_store.hpp"
#include "data/postgis/pull_store.hpp"
#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/access/fetch.hpp"
#include "services/api/access_json.hpp"
#include "services/api/cameras.hpp"
#include "services/api/personal.hpp"
#include "services/api/report_row.hpp"
#include "services/domain/puller.hpp"
#include "services/http/client_address.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>

namespace diaban::services::api {

namespace {

constexpr char collection[] = "cameras";
constexpr std::size_t most_bytes = std::size_t{4} << 20U; ///< of a picture
constexpr int most_at_once = 16; ///< pictures being fetched: each keeps a thread of the edge
constexpr std::array<std::string_view, 3> pictures{"image/jpeg", "image/png", "image/webp"};

/// An address of a camera as the register has it, for who may look through it and says why. Noted
/// before it is told: without the record of who looked nobody looks.
std::string address_of(Backing const& backing, http::Context const& context, std::int64_t fid,
                       std::string_view field, std::string const& action) {
    auto const& policy = personal_policy(context, collection);
    auto const reason = read_access_reason(context.request);
    auto const view = backing.atlas.view(collection);
    auto const shown = data::model::Personal::shown;
    auto const item = backing.store.item(view->collection, fid, policy, shown);
    if (!item)
        throw geo::Error{geo::Code::not_found, "unknown-camera", {{"value", std::to_string(fid)}}};
    auto const fields = data::model::visible(view->collection.schema, policy, shown).fields;
    backing.accounts.audit.note({context.visitor.login, action, collection, fid, reason, "{}"});
    return ReportRow{item->feature, fields}.text(field).value_or("");
}

[[noreturn]] void no_picture(std::string reason) {
    throw geo::Error{geo::Code::unavailable, "no-snapshot", {{"reason", std::move(reason)}}};
}

/// Counts pictures that are being fetched.
class Turn {
public:
    explicit Turn(std::atomic<int>& count) : m_count{count} {
        if (m_count.fetch_add(1) >= most_at_once) {
            m_count.fetch_sub(1);
            no_picture("too many at once");
        }
    }
    ~Turn() { m_count.fetch_sub(1); }
    Turn(Turn const&) = delete;
    Turn& operator=(Turn const&) = delete;

private:
    std::atomic<int>& m_count;
};

/// The picture that the registered address gives, and nothing else: no other host, no redirect, no
/// other kind of file.
http::Response answer_snapshot(Backing const& backing, data::postgis::PullStore const& hosts,
                               http::Networks const& reach, std::atomic<int>& count,
                               http::Context const& context, std::int64_t fid) {
    auto const address = address_of(backing, context, fid, "snapshot_url", "camera-snapshot");
    if (address.empty())
        throw geo::Error{geo::Code::not_found, "unknown-camera", {{"value", std::to_string(fid)}}};
    if (!domain::may_be_asked(address, hosts.hosts()))
        throw geo::Error{geo::Code::forbidden, "camera-host", {{"value", std::to_string(fid)}}};
    Turn const turn{count};
    auto fetched = access::fetch({.url = address, .most_bytes = most_bytes, .reach = &reach});
    if (fetched.status != 200) no_picture("HTTP " + std::to_string(fetched.status));
    if (std::ranges::find(pictures, fetched.media_type) == pictures.end())
        no_picture("Content-Type");
    auto response = http::answer(200, fetched.media_type, std::move(fetched.body));
    response.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff");
    return response;
}

/// Where the stream is had: it never passes through here.
http::Response answer_stream(Backing const& backing, data::postgis::CameraStore const& cameras,
                             http::Context const& context, std::int64_t fid) {
    auto const address = address_of(backing, context, fid, "stream_url", "camera-stream");
    auto href = cameras.stream_gateway();
    constexpr std::string_view mark = "{camera}";
    if (auto const at = href.find(mark); at != std::string::npos)
        href.replace(at, mark.size(), std::to_string(fid));
    else if (address.starts_with("https://") || address.starts_with("http://"))
        href = address;
    if (address.empty() || href.empty())
        throw geo::Error{geo::Code::not_found, "no-stream", {{"value", std::to_string(fid)}}};
    bool const hls = href.substr(0, href.find('?')).ends_with(".m3u8");
    return private_json(200, {{"camera", fid}, {"href", href}, {"kind", hls ? "hls" : "other"}});
}

} // namespace

void add_camera_pictures(http::Router& router, Backing const& backing) {
    auto const hosts = std::make_shared<data::postgis::PullStore>(backing.pool);
    auto const cameras = std::make_shared<data::postgis::CameraStore>(backing.pool);
    auto const reach = std::make_shared<http::Networks const>(
        http::Networks::read(backing.settings.fetch_private, "fetch_private"));
    auto const count = std::make_shared<std::atomic<int>>(0);
    router.get(access::Need::read, "/cameras/{cameraId}/snapshot", {},
               [&backing, hosts, reach, count](http::Context const& context, std::int64_t fid) {
                   return answer_snapshot(backing, *hosts, *reach, *count, context, fid);
               });
    router.get(access::Need::read, "/cameras/{cameraId}/stream", {},
               [&backing, cameras](http::Context const& context, std::int64_t fid) {
                   return answer_stream(backing, *cameras, context, fid);
               });
}

} // namespace diaban::services::api
