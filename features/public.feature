Feature: The public can follow the money
  The fund is published in files of the IATI standard. Their figures are those of the books: nothing
  is left out, nothing is counted twice, and no person is named.

  Background:
    Given the example fund at the end of its first year

  Scenario: The public file's figures equal the books
    When the activity file up to 2022-12-31 is published
    Then its incoming funds are the contributions of the journal
    And its expenditure is the use in the trial balance
    And its disbursements are the advances in the trial balance
    And what each activity was given and used is what the journal says

  Scenario: The organisation file says the same by year
    When the activity file up to 2022-12-31 is published
    And the organisation file up to 2022-12-31 is published
    Then its budgets are what was allocated
    And its total expenditure is the use in the trial balance

  Scenario: A file published again later is the same, byte for byte
    When the activity file up to 2022-12-31 is published
    And a gift of USD 1,000.00 arrives on 2023-01-10
    And the same file is published again
    Then both files are the same, byte for byte

  Scenario: Who publishes must be registered
    When somebody publishes under the identifier "UIL / Hamburg"
    Then it is refused: "is not an IATI organisation identifier"
    And there is no file
