Feature: The money goes where it does most, under every donor's wishes
  The planner asks what to fund, as a scenario. The answer is a plan that is proved to be the best there is;
  another person approves it, and it becomes the allocation. Partners carry it out under grants.

  Background:
    Given the books of the term 2021-2023 are open
    And the strategy's programme of 2021-2023 is adopted
    And this money has arrived
      | agreement | from                       | amount         | for                |
      | A-CITY    | the member city            | USD 300,000.00 | anything           |
      | A-GOV     | the government             | USD 80,000.00  | cities in Africa   |
      | A-FOUND   | the foundation             | USD 120,000.00 | work area 2        |
      | A-NGO     | the community organisation | USD 60,000.00  | the cluster HEALTH |

  Scenario: A plan is proved to be the best there is
    When the planner asks what to fund, under these rules
      | rule          | of all the money | goes to      |
      | africa        | at least 30%     | Africa       |
      | low-income    | at least 10%     | low incomes  |
      | communication | at most 10%      | work area 4  |
    Then the plan is proved to be the best there is
    And every rule is kept
    And the awards are paid to the cent, and no agreement gives more than it has
    And A-GOV pays for MDFM-1.2 only
    And A-FOUND pays for work area 2 only
    And A-NGO pays for the cluster HEALTH only
    And what is not funded has its reason
    When the planner asks the same again
    Then the second plan is the first, byte for byte

  Scenario: Rules that clash are named, and only those
    When the planner asks what to fund, under these rules
      | rule          | of all the money        | goes to     |
      | africa        | at least 30%            | Africa      |
      | outreach      | at least USD 150,000.00 | work area 4 |
      | communication | at most 10%             | work area 4 |
    Then the answer is no: "no plan can keep all of these rules, relax one: communication; outreach."
    And there is no plan
    And the books are as before

  Scenario: A plan funds at least and at most so many activities of a group
    When the planner asks what to fund, under these rules
      | rule    | of the programme      | which       |
      | few     | at most 4 activities  | anything    |
      | visible | at least 2 activities | work area 4 |
    Then the plan is proved to be the best there is
    And the plan funds 4 activities, 2 of them of work area 4
    And the planner reads that few is in the way of one more activity

  Scenario: No one country gets more than its part of the money
    When the planner asks what to fund, under these rules
      | rule        | of all the money | goes to         |
      | one-country | at most 7%       | any one country |
    Then the plan is proved to be the best there is
    And no country gets more than 7% of what is awarded
    And the planner reads for which country one-country binds

  Scenario: A limit that no plan can keep is named, and how far it must move
    When the planner asks what to fund, under these rules
      | rule        | of all the money | goes to         |
      | one-country | at most 3%       | any one country |
    Then the answer is no: "A plan is possible with the rule one-country at 10% instead of 3%"
    And there is no plan
    And the books are as before

  @as_installed
  Scenario: Nobody approves their own plan
    Given the planner has a plan
    When the planner approves the plan
    Then it is refused: "planner cannot approve this too (plan approved): another person must."
    And the books are as before
    When the director approves the plan
    Then the last entry was made by the planner and approved by the director

  Scenario: An approved plan is booked with its flows as the lines
    Given the planner has a plan
    When the director approves the plan
    Then each flow of the plan is a line of the allocation, and nothing else is
    And what the agreements have available is less by what the plan takes from them
    And assets are liabilities less use, and there is no revenue
    When the director approves the plan
    Then it is done, and the books are as before

  Scenario: A plan is out of date when money has moved
    Given the planner has a plan
    And USD 10,000.00 more has arrived as a gift from the foundation
    When the director approves the plan
    Then it is refused: "have changed since the plan was solved"
    And the books are as before

  Scenario: A plan that was written over is refused
    Given the planner has a plan
    When somebody changes the plan to leave out its last reason
    And the director approves the plan
    Then it is refused: "was edited after it was written: run the scenario again."
    And the books are as before

  Scenario: A plan whose flows do not add up is refused
    Given the planner has a plan
    When somebody moves a cent out of a flow
    And the director approves the plan
    Then the answer is no
    And the books are as before

  Scenario: A plan that is not proved is approved only by an explicit option
    When the planner asks what to fund, with no time to prove it
    And the director approves the plan
    Then it is refused: "The plan is not proved to be the best"
    And the books are as before
    When the director approves the plan although it is not proved
    Then the last entry records the gap between the plan and the best

  Scenario: A city's offer covers a part of a workshop, so the fund pays less
    Given the member city offers a hall and trainers worth USD 20,000.00 for MDFM-1.2, as O-HALL
    When the planner asks what to fund, MDFM-1.2 among it, counting open offers
    Then the plan gives MDFM-1.2 USD 180,000.00, and names O-HALL as cover of USD 20,000.00
    When the director approves the plan
    Then USD 180,000.00 is allocated to MDFM-1.2

  Scenario: A plan is out of date when an offer that it counts is declined
    Given the member city offers a hall and trainers worth USD 20,000.00 for MDFM-1.2, as O-HALL
    When the planner asks what to fund, MDFM-1.2 among it, counting open offers
    And the finance officer declines O-HALL, because "the hall is taken"
    And the director approves the plan
    Then it is refused: "The offers in kind that the plan counts have changed since it was solved (O-HALL)"
    And the books are as before

  Scenario: A revised plan books the difference, and leaves what is begun as it is
    Given the director has approved the planner's plan
    When the programme office commits USD 60,000.00 of MDFM-1.2 to a partner as grant G-1
    And the planner revises the plan, to fund nothing more of what it funds
    And the director approves the plan
    Then of what was allocated MDFM-1.2 alone has its money still
    And what is allocated is what the plan gives
    And execution against plan is 60,000.00 committed and none used of what the plan gives
    And assets are liabilities less use, and there is no revenue

  Scenario: A planner brings a programme of their own
    Given the term 2023-2025 is open, and USD 90,000.00 has arrived for it
    And the planner has written down this programme
      | code   | title             | work_area | unit_cost | units | demand | cities                             | requires |
      | STUDY  | Study on literacy | 3         | 40,000    | 1     | 1      | Durban=75%; Juba (SSD, Africa)=25% |          |
      | COURSE | Courses           | 2         | 20,000    | 3     | 10     | UGA; KEN                           | STUDY    |
    When the planner adopts the programme
    And the planner asks what to fund of it
    Then the plan awards STUDY 1 and COURSE 2 units, and says why a unit of COURSE is not funded

  Scenario: A mistake in a programme is reported with its row
    Given the term 2023-2025 is open, and USD 90,000.00 has arrived for it
    And the planner has written down this programme
      | code   | title   | work_area | unit_cost | demand | requires |
      | COURSE | Courses | 2         | 20,000    | 10     | CURSE    |
    When the planner adopts the programme
    Then it is refused: "row 2, requires: no activity here is 'CURSE' (did you mean 'COURSE'?)."
    And the books are as before

  Scenario Outline: A mistake in a scenario is reported in one sentence
    When the planner asks what to fund, with the line "<line>"
    Then it is refused: "<sentence>"
    And there is no plan
    And the books are as before

    Examples:
      | line                        | sentence                             |
      | must_fund = "MDFM-1.2"      | must_fund                            |
      | must_fund = ["MDFM-9.9"]    | names the activity 'MDFM-9.9'        |
      | reserve = "half"            | 'half' is not a share                |
      | weights = {clusters={X=90}} | names the cluster 'X'                |
      | budget = 5                  | budget                               |
      | title =                     | is not a TOML file                   |

  Scenario: A grant is committed, paid and reported, and each cent traced to who gave it
    Given the director has approved the planner's plan
    When the programme office commits USD 60,000.00 of MDFM-1.2 to a partner as grant G-1
    And pays the partner of G-1 USD 40,000.00
    And the partner of G-1 reports USD 10,000.01 of travel and USD 2,345.67 of staff
    Then each use is shared among the agreements as they were allocated to MDFM-1.2, to the cent
    And of grant G-1 US$47,654.32 is committed, US$27,654.32 advanced and US$12,345.68 spent
    And assets are liabilities less use, and there is no revenue

  Scenario: The results of a grant are compared with the target of its activity
    Given the director has approved the planner's plan
    When the programme office commits USD 10,000.00 of HEALTH-1.4 to a partner as grant G-1
    And the planner reports that G-1 reached events-held=1
    And the planner reports that G-1 reached cities-reached=23
    Then the results of HEALTH-1.4 are
      | indicator      | reached | target |
      | events-held    | 1       | 1      |
      | cities-reached | 23      | 0      |
    When the planner reports that G-1 reached publications=1
    Then it is refused: "HEALTH-1.4 does not count publications"

  Scenario: A partner cannot spend more than it was advanced
    Given the director has approved the planner's plan
    When the programme office commits USD 60,000.00 of MDFM-1.2 to a partner as grant G-1
    And pays the partner of G-1 USD 40,000.00
    And somebody reports that G-1 has spent USD 40,000.01
    Then it is refused: "US$40,000.01 is more than"
    And the books are as before

  Scenario: No more is committed than was allocated
    Given the director has approved the planner's plan
    When somebody commits USD 200,000.01 of MDFM-1.2 to a partner as grant G-1
    Then it is refused: "is allocated to MDFM-1.2"
    And the books are as before
