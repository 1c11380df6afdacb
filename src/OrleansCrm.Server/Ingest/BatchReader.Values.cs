using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Server.Ingest;

internal ref partial struct BatchReader
{
    private Field<DateTimeOffset> ReadInstant()
    {
        if (_json.TokenType == JsonTokenType.Null)
            return default;
        if (_json.TokenType == JsonTokenType.String && _json.ValueSpan.Length <= InstantBytesMax)
        {
            // Some clients escape the plus of an offset.
            Span<byte> text = stackalloc byte[InstantBytesMax];
            var length = _json.ValueIsEscaped ? Unescape(text) : CopyTo(text);
            if (IsoTime.TryParse(text[..length], out var instant))
                return new Field<DateTimeOffset>(instant, IsFaulty: false);
        }

        SkipValue();
        return new Field<DateTimeOffset>(null, IsFaulty: true);
    }

    private readonly int CopyTo(Span<byte> text)
    {
        _json.ValueSpan.CopyTo(text);
        return _json.ValueSpan.Length;
    }

    private readonly int Unescape(Span<byte> text)
    {
        try
        {
            return _json.CopyString(text);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no part of a date.
            return 0;
        }
    }

    /// <returns>Empty for null.</returns>
    private ReadOnlyMemory<byte> ReadValue()
    {
        if (_json.TokenType == JsonTokenType.Null)
            return default;
        var start = (int)_json.TokenStartIndex;
        SkipValue();
        return _body[start..(int)_json.BytesConsumed];
    }

    private void SkipValue()
    {
        if (_json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        var depth = _json.CurrentDepth;
        _deepest = Math.Max(_deepest, depth + 1);
        while (_json.Read() && _json.CurrentDepth > depth)
            _deepest = Math.Max(_deepest, _json.CurrentDepth);
    }
}
