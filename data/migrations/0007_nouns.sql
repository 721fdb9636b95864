-- The collection of every noun of the house. Others come with the plans that fill them.

SET LOCAL ROLE diaban_owner;

SELECT diaban.create_collection($json$
{"id": "places", "geometry": "polygon", "title": {"vi": "Đơn vị hành chính", "en": "Administrative units"},
 "description": {"vi": "Tỉnh, huyện, xã cũ và mới, mỗi đơn vị theo mã và ngày hiệu lực.", "en": "Provinces, districts and communes, old and new, each by code and first day."},
 "label_field": "name", "all_zooms": true,
 "fields": [
    {"name": "code", "type": "text", "title": {"vi": "Mã", "en": "Code"}, "tile": true},
    {"name": "valid_from", "type": "date", "title": {"vi": "Hiệu lực từ ngày", "en": "First day"}, "tile": true},
    {"name": "valid_to", "type": "date", "title": {"vi": "Hiệu lực đến ngày", "en": "Last day"}, "tile": true},
    {"name": "level", "type": "text", "title": {"vi": "Cấp", "en": "Level"}, "tile": true, "code_list": "place_level"},
    {"name": "kind", "type": "text", "title": {"vi": "Loại", "en": "Kind"}, "tile": true, "code_list": "place_kind"},
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true},
    {"name": "full_name", "type": "text", "title": {"vi": "Tên đầy đủ", "en": "Full name"}, "tile": true},
    {"name": "name_en", "type": "text", "title": {"vi": "Tên tiếng Anh", "en": "Name in English"}},
    {"name": "full_name_en", "type": "text", "title": {"vi": "Tên đầy đủ tiếng Anh", "en": "Full name in English"}},
    {"name": "province_code", "type": "text", "title": {"vi": "Mã tỉnh", "en": "Province code"}},
    {"name": "district_code", "type": "text", "title": {"vi": "Mã huyện", "en": "District code"}},
    {"name": "area_km2", "type": "number", "unit": "km2", "title": {"vi": "Diện tích công bố", "en": "Official area"}},
    {"name": "population", "type": "integer", "unit": "people", "title": {"vi": "Dân số", "en": "Population"}}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "parcels", "geometry": "polygon", "title": {"vi": "Thửa đất", "en": "Land parcels"},
 "class_field": "land_use", "label_field": "parcel_number", "partitioned": true, "keeps_source": true,
 "fields": [
    {"name": "sheet", "type": "integer", "title": {"vi": "Số tờ bản đồ", "en": "Sheet"}, "tile": true},
    {"name": "parcel_number", "type": "integer", "title": {"vi": "Số thửa", "en": "Parcel number"}, "tile": true},
    {"name": "land_use", "type": "text", "title": {"vi": "Loại đất", "en": "Land use"}, "tile": true, "code_list": "land_use"},
    {"name": "planned_use", "type": "text", "title": {"vi": "Loại đất quy hoạch", "en": "Planned land use"}, "code_list": "land_use"},
    {"name": "area_m2", "type": "number", "unit": "m2", "title": {"vi": "Diện tích", "en": "Area"}},
    {"name": "legal_area_m2", "type": "number", "unit": "m2", "title": {"vi": "Diện tích pháp lý", "en": "Legal area"}},
    {"name": "commune_code", "type": "text", "title": {"vi": "Mã xã", "en": "Commune code"}},
    {"name": "origin", "type": "text", "title": {"vi": "Nguồn gốc sử dụng đất", "en": "Origin of the use right"}},
    {"name": "geohash", "type": "text", "title": {"vi": "Mã định danh thửa đất", "en": "Parcel identifier"}},
    {"name": "owner_name", "type": "text", "title": {"vi": "Chủ sử dụng đất", "en": "Holder"}, "personal": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "indicators", "geometry": "none", "title": {"vi": "Chỉ tiêu", "en": "Indicators"},
 "fields": [
    {"name": "code", "type": "text", "title": {"vi": "Mã chỉ tiêu", "en": "Indicator code"}},
    {"name": "place_code", "type": "text", "title": {"vi": "Mã đơn vị hành chính", "en": "Unit code"}},
    {"name": "period", "type": "text", "title": {"vi": "Kỳ", "en": "Period"}},
    {"name": "value", "type": "number", "title": {"vi": "Giá trị", "en": "Value"}},
    {"name": "unit", "type": "text", "title": {"vi": "Đơn vị tính", "en": "Unit of measure"}},
    {"name": "target", "type": "number", "title": {"vi": "Mục tiêu", "en": "Target"}}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "cameras", "geometry": "point", "title": {"vi": "Camera", "en": "Cameras"},
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true},
    {"name": "kind", "type": "text", "title": {"vi": "Loại", "en": "Kind"}, "tile": true, "code_list": "camera_kind"},
    {"name": "azimuth", "type": "number", "unit": "deg", "title": {"vi": "Hướng nhìn", "en": "Azimuth"}, "tile": true},
    {"name": "field_of_view", "type": "number", "unit": "deg", "title": {"vi": "Góc nhìn", "en": "Field of view"}, "tile": true},
    {"name": "range_m", "type": "number", "unit": "m", "title": {"vi": "Tầm nhìn", "en": "Range"}, "tile": true},
    {"name": "height_m", "type": "number", "unit": "m", "title": {"vi": "Độ cao lắp đặt", "en": "Mounting height"}},
    {"name": "status", "type": "text", "title": {"vi": "Tình trạng", "en": "Status"}, "tile": true, "code_list": "device_status"},
    {"name": "owner_unit", "type": "text", "title": {"vi": "Đơn vị quản lý", "en": "Operated by"}}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "reports", "geometry": "point", "title": {"vi": "Phản ánh của người dân", "en": "Citizen reports"},
 "class_field": "category", "time_field": "reported_at", "partitioned": true,
 "fields": [
    {"name": "code", "type": "text", "title": {"vi": "Mã phản ánh", "en": "Report number"}},
    {"name": "category", "type": "text", "title": {"vi": "Lĩnh vực", "en": "Category"}, "tile": true, "code_list": "report_category"},
    {"name": "title", "type": "text", "title": {"vi": "Tiêu đề", "en": "Title"}},
    {"name": "description", "type": "text", "title": {"vi": "Nội dung", "en": "Description"}},
    {"name": "status", "type": "text", "title": {"vi": "Tình trạng", "en": "Status"}, "tile": true, "code_list": "report_status"},
    {"name": "reported_at", "type": "timestamp", "title": {"vi": "Thời điểm phản ánh", "en": "Reported at"}, "tile": true},
    {"name": "due_at", "type": "timestamp", "title": {"vi": "Hạn xử lý", "en": "Due at"}},
    {"name": "agency", "type": "text", "title": {"vi": "Cơ quan xử lý", "en": "Agency"}},
    {"name": "reporter_name", "type": "text", "title": {"vi": "Người phản ánh", "en": "Reporter"}, "personal": true},
    {"name": "reporter_phone", "type": "text", "title": {"vi": "Điện thoại người phản ánh", "en": "Reporter’s telephone"}, "personal": true}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "disaster_events", "geometry": "polygon", "title": {"vi": "Thiên tai", "en": "Disaster events"},
 "class_field": "kind",
 "fields": [
    {"name": "kind", "type": "text", "title": {"vi": "Loại thiên tai", "en": "Kind"}, "tile": true, "code_list": "hazard_kind"},
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true},
    {"name": "risk_level", "type": "integer", "title": {"vi": "Cấp độ rủi ro", "en": "Risk level"}, "tile": true},
    {"name": "starts_at", "type": "timestamp", "title": {"vi": "Bắt đầu", "en": "Begins"}},
    {"name": "ends_at", "type": "timestamp", "title": {"vi": "Kết thúc", "en": "Ends"}},
    {"name": "source", "type": "text", "title": {"vi": "Nguồn tin", "en": "Source"}}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "sensors", "geometry": "point", "title": {"vi": "Trạm đo", "en": "Sensors"},
 "class_field": "kind",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên trạm", "en": "Name"}, "tile": true},
    {"name": "kind", "type": "text", "title": {"vi": "Loại trạm", "en": "Kind"}, "tile": true, "code_list": "sensor_kind"},
    {"name": "station_code", "type": "text", "title": {"vi": "Mã trạm", "en": "Station code"}},
    {"name": "elevation_m", "type": "number", "unit": "m", "title": {"vi": "Độ cao", "en": "Elevation"}},
    {"name": "status", "type": "text", "title": {"vi": "Tình trạng", "en": "Status"}, "tile": true, "code_list": "device_status"}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "facilities", "geometry": "point", "title": {"vi": "Cơ sở công cộng", "en": "Public facilities"},
 "class_field": "kind", "label_field": "name",
 "fields": [
    {"name": "name", "type": "text", "title": {"vi": "Tên", "en": "Name"}, "tile": true},
    {"name": "kind", "type": "text", "title": {"vi": "Loại", "en": "Kind"}, "tile": true, "code_list": "facility_kind"},
    {"name": "capacity", "type": "integer", "unit": "people", "title": {"vi": "Sức chứa", "en": "Capacity"}, "tile": true},
    {"name": "address", "type": "text", "title": {"vi": "Địa chỉ", "en": "Address"}}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "incidents", "geometry": "point", "title": {"vi": "Sự cố, vụ việc", "en": "Incidents"},
 "class_field": "kind", "time_field": "occurred_at", "partitioned": true,
 "fields": [
    {"name": "kind", "type": "text", "title": {"vi": "Loại", "en": "Kind"}, "tile": true, "code_list": "incident_kind"},
    {"name": "severity", "type": "integer", "title": {"vi": "Mức độ", "en": "Severity"}, "tile": true},
    {"name": "occurred_at", "type": "timestamp", "title": {"vi": "Thời điểm xảy ra", "en": "Occurred at"}, "tile": true},
    {"name": "description", "type": "text", "title": {"vi": "Mô tả", "en": "Description"}}]}
$json$);

SELECT diaban.create_collection($json$
{"id": "alerts", "geometry": "polygon", "title": {"vi": "Cảnh báo", "en": "Alerts"},
 "class_field": "severity",
 "fields": [
    {"name": "identifier", "type": "text", "title": {"vi": "Mã cảnh báo", "en": "Identifier"}},
    {"name": "event", "type": "text", "title": {"vi": "Sự kiện", "en": "Event"}, "tile": true},
    {"name": "severity", "type": "text", "title": {"vi": "Mức nghiêm trọng", "en": "Severity"}, "tile": true, "code_list": "cap_severity"},
    {"name": "urgency", "type": "text", "title": {"vi": "Mức khẩn cấp", "en": "Urgency"}, "code_list": "cap_urgency"},
    {"name": "certainty", "type": "text", "title": {"vi": "Mức chắc chắn", "en": "Certainty"}, "code_list": "cap_certainty"},
    {"name": "onset", "type": "timestamp", "title": {"vi": "Bắt đầu", "en": "Onset"}},
    {"name": "expires", "type": "timestamp", "title": {"vi": "Hết hạn", "en": "Expires"}},
    {"name": "headline", "type": "text", "title": {"vi": "Tiêu đề", "en": "Headline"}, "tile": true}]}
$json$);
