using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What was offered, as a snapshot has it: for each offer its key, its conversions, how many showings follow, and those.</summary>
internal static class OfferSnapshot
{
    public static void Write(Utf8JsonWriter json, OfferRecord? record)
    {
        if (record is null)
            return;
        json.WriteStartArray("offers");
        foreach (var offer in record.Offers)
        {
            json.WriteNumberValue(offer.Key);
            json.WriteNumberValue(offer.Converted);
            json.WriteNumberValue(offer.Exposures.Count);
            foreach (var exposure in offer.Exposures)
            {
                json.WriteNumberValue(exposure.TimeMs);
                json.WriteNumberValue(exposure.Bucket);
                json.WriteNumberValue(exposure.Order);
            }
        }

        json.WriteEndArray();
        if (record.Holds is not null)
            WriteHolds(json, record.Holds);
    }

    private static void WriteHolds(Utf8JsonWriter json, List<OfferHold> holds)
    {
        json.WriteStartArray("offerHolds");
        foreach (var hold in holds)
        {
            json.WriteNumberValue(hold.Offer);
            json.WriteNumberValue(hold.Id);
            json.WriteNumberValue(hold.Partition);
            json.WriteNumberValue(hold.Amount);
            json.WriteNumberValue(hold.FromMs);
            json.WriteNumberValue(hold.UntilMs);
            json.WriteStringValue(hold.Code);
            json.WriteNumberValue(hold.Order);
        }

        json.WriteEndArray();
    }

    private static void ReadHolds(JsonElement json, OfferRecord record)
    {
        if (!json.TryGetProperty("offerHolds", out var holds))
            return;
        record.Holds = [];
        for (var row = new SnapshotReader.Row(holds); !row.IsAtEnd;)
        {
            record.Holds.Add(new OfferHold(
                row.Next().GetUInt64(), row.Next().GetUInt64(), (int)row.Long(), row.Long(), row.Long(), row.Long(), row.Text(), row.Next().GetUInt64()));
        }
    }

    public static OfferRecord? Read(JsonElement json)
    {
        if (!json.TryGetProperty("offers", out var offers))
            return null;
        var record = new OfferRecord();
        for (var row = new SnapshotReader.Row(offers); !row.IsAtEnd;)
        {
            var offer = record.Open(row.Next().GetUInt64());
            offer.Converted = row.Long();
            for (var left = row.Long(); left > 0; left--)
                offer.Exposures.Add(new Exposure(row.Long(), (byte)row.Long(), row.Next().GetUInt64()));
        }

        ReadHolds(json, record);

        return record;
    }
}
