using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>Compares one field of the profile. What the customer does not have is equal to nothing, and in no range.</summary>
public sealed record FieldCondition : Condition
{
    private readonly NumberRange[] _ranges;
    private readonly string _argument;
    private readonly string _channel;

    /// <param name="name">As written: <c>traits.city</c>.</param>
    internal FieldCondition(string name, CustomerField field, ConditionOperator comparison, ConditionOperand operand)
    {
        (Name, Field, Comparison, Operand) = (name, field, comparison, operand);
        _argument = field switch
        {
            CustomerField.Trait => name[CustomerFields.TraitPrefix.Length..],
            CustomerField.Consent => name[CustomerFields.ConsentPrefix.Length..name.LastIndexOf('.')],
            CustomerField.Acquisition => name[CustomerFields.AcquisitionPrefix.Length..name.LastIndexOf('.')],
            _ => "",
        };
        _channel = field is CustomerField.Consent or CustomerField.Acquisition ? name[(name.LastIndexOf('.') + 1)..] : "";
        _ranges = [.. operand.Numbers.Select(number => NumberRange.Of(comparison, number))];
    }

    public string Name { get; }

    public ConditionOperator Comparison { get; }

    internal CustomerField Field { get; }

    internal ConditionOperand Operand { get; }

    public override bool Holds(CustomerState state, ProgramDocument program, long nowMs)
    {
        var value = FieldValue.Of(Field, _argument, _channel, state, program, nowMs);
        return Comparison switch
        {
            ConditionOperator.Exists => value.Exists == Operand.Flag,
            ConditionOperator.IsNot => !Matches(value),
            _ => Matches(value),
        };
    }

    public override long NextChangeMs(CustomerState state, ProgramDocument program, long nowMs) =>
        FieldInstants.NextChangeMs(Field, _ranges, state, program, nowMs);

    private bool Matches(in FieldValue value)
    {
        if (value.IsNumber)
        {
            foreach (var range in _ranges)
            {
                if (range.Has(value.Number))
                    return true;
            }

            return false;
        }

        foreach (var text in Operand.Texts)
        {
            if (value.Is(text))
                return true;
        }

        return Operand.Flag is { } flag && value.Is(flag);
    }
}

/// <summary>What a field is compared with: numbers, or texts, or a flag.</summary>
internal sealed record ConditionOperand(double[] Numbers, string[] Texts, bool? Flag);
