#include "data/blob/blob_store.hpp"
#include "data/gdal/photo.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/inspections.hpp"
#include "services/api/json.hpp"
#include "services/api/sender_key.hpp"
#include "services/api/work_edit.hpp"

#include <charconv>
#include <fstream>
#include <span>
#include <string>

namespace diaban::services::api {

namespace {

using data::model::PhotoFacts;
using data::model::PhotoUpload;
using data::postgis::CasePhotoStore;

constexpr std::int64_t largest_photo = 12 * 1024 * 1024; // bytes
constexpr char part_type[] = "application/offset+octet-stream";

http::Response with_progress(http::Response response, PhotoUpload const& upload) {
    return std::move(response)
        .with("Tus-Resumable", "1.0.0")
        .with("Upload-Offset", std::to_string(upload.received))
        .with("Upload-Length", std::to_string(upload.length));
}

Json describe(PhotoUpload const& upload) {
    return {{"id", upload.id},
            {"case", upload.inspection},
            {"length", upload.length},
            {"offset", upload.received},
            {"photo", upload.photo ? Json(*upload.photo) : Json{}}};
}

CasePhotoStore::Draft read_draft(http::Context const& context, std::int64_t inspection) {
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("key", "", "an object with the sender's key");
    CasePhotoStore::Draft draft{.inspection = inspection, .key = sender_key(body), .sha256 = {}};
    auto const length = body.find("length");
    if (length != body.end() && length->is_number_integer())
        draft.length = length->get<std::int64_t>();
    if (draft.length < 1 || draft.length > largest_photo)
        refuse_member("length", length == body.end() ? "" : length->dump().substr(0, 40),
                      "1.." + std::to_string(largest_photo) + " bytes");
    draft.sha256 = text_in(body, "sha256", true);
    bool const hash = draft.sha256.size() == 64 &&
                      draft.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!draft.sha256.empty() && !hash)
        refuse_member("sha256", draft.sha256.substr(0, 40), "64 hexadecimal digits, lower case");
    return draft;
}

http::Response answer_begin(InspectionBacking const& inspections, http::Context const& context,
                            std::int64_t inspection) {
    auto const& policy = context.edit_policy(inspection_cases_id);
    auto const upload =
        inspections.photos.begin(read_draft(context, inspection), read_author(context).who, policy);
    auto response = private_json(upload.repeated ? 200 : 201, describe(upload));
    response.with("Location", "/land/uploads/" + std::to_string(upload.id));
    return with_progress(std::move(response), upload);
}

std::int64_t offset_of(http::Context const& context) {
    auto const text = context.request.header("upload-offset");
    std::int64_t offset = -1;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, offset);
    if (fault != std::errc{} || stop != end || offset < 0)
        throw geo::Error{geo::Code::bad_input,
                         "bad-header",
                         {{"parameter", "Upload-Offset"},
                          {"value", std::string{text.substr(0, 40)}},
                          {"accepted", "0.." + std::to_string(largest_photo)}}};
    return offset;
}

/// Keeps a whole photo as it was sent: it is evidence.
PhotoFacts keep(data::blob::BlobStore& blobs, PhotoUpload const& upload, std::string const& bytes) {
    auto const head = data::gdal::read_photo(bytes);
    auto const span = std::as_bytes(std::span{bytes.data(), bytes.size()});
    auto const hash = data::blob::hex(data::blob::sha256(span));
    if (!upload.sha256.empty() && upload.sha256 != hash)
        throw geo::Error{
            geo::Code::bad_input, "upload-hash", {{"value", hash}, {"accepted", upload.sha256}}};
    auto const blob = blobs.put(span);
    return {.sha256 = blob.sha256,
            .media_type = head.media_type,
            .size = static_cast<std::int64_t>(blob.size),
            .position = head.position,
            .taken_at = head.taken_at};
}

http::Response answer_part(Backing const& backing, InspectionBacking const& inspections,
                           http::Context const& context, std::int64_t id) {
    CasePhotoStore::Policies const policies{context.edit_policy(inspection_cases_id),
                                            context.edit_policy(case_photos_id),
                                            context.policy("parcels")};
    auto const type = context.request.header("content-type");
    if (type != part_type)
        throw geo::Error{geo::Code::unsupported,
                         "unknown-media-type",
                         {{"value", std::string{type.substr(0, 64)}}, {"accepted", part_type}}};
    auto const offset = offset_of(context);
    data::blob::BlobStore blobs{backing.settings.blobs};
    auto const judge = [&](PhotoUpload const& upload, std::string const& bytes) {
        return keep(blobs, upload, bytes);
    };
    try {
        auto const upload = inspections.photos.append(id, offset, context.request.body, judge,
                                                      now(), read_author(context), policies);
        return with_progress(no_content(), upload);
    } catch (geo::Error const& error) {
        // What arrived whole and is no photo, or another one, is sent from the beginning.
        if (error.type() == "bad-photo" || error.type() == "upload-hash")
            inspections.photos.restart(id, policies.cases);
        throw;
    }
}

http::Response answer_photo(Backing const& backing, InspectionBacking const& inspections,
                            http::Context const& context, std::int64_t inspection,
                            std::int64_t photo) {
    auto const found = inspections.photos.photo(inspection, photo, context.policy(case_photos_id));
    auto const path = data::blob::BlobStore{backing.settings.blobs}.find(found.sha256);
    std::string bytes;
    if (path) {
        bytes.resize(std::filesystem::file_size(*path));
        std::ifstream file{*path, std::ios::binary};
        if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) bytes.clear();
    }
    if (bytes.empty())
        throw geo::Error{geo::Code::not_found, "no-photo", {{"value", std::to_string(photo)}}};
    return http::answer(200, found.media_type, std::move(bytes))
        .with("Cache-Control", "private, no-store")
        .with("X-Content-Type-Options", "nosniff");
}

} // namespace

void add_case_photos(http::Router& router, Backing const& backing,
                     InspectionBacking const& inspections, bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::read, "/land/cases/{caseId}/photos/{photoId}", {},
               [&backing, inspections](Context const& context, std::int64_t inspection,
                                       std::int64_t photo) {
                   return answer_photo(backing, inspections, context, inspection, photo);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/land/cases/{caseId}/uploads", {},
               [inspections](Context const& context, std::int64_t inspection) {
                   return answer_begin(inspections, context, inspection);
               });
    router.get(Need::edit, "/land/uploads/{uploadId}", {},
               [inspections](Context const& context, std::int64_t id) {
                   auto const upload =
                       inspections.photos.upload(id, context.edit_policy(inspection_cases_id));
                   return with_progress(private_json(200, describe(upload)), upload);
               });
    router.add(Method::patch, Need::edit, "/land/uploads/{uploadId}", {},
               [&backing, inspections](Context const& context, std::int64_t id) {
                   return answer_part(backing, inspections, context, id);
               });
}

} // namespace diaban::services::api
